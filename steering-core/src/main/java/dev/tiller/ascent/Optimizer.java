// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;

/**
 * Where to go from a point whose gradient is known, uphill. Each row goes its own way: what becomes of it depends on no
 * other. An optimizer is a value; all that changes is in its {@link Memory}.
 */
public interface Optimizer {
    /**
     * One step.
     *
     * @param x where the rows are, kept by the caller
     * @param values what is climbed, for each row: the reward less the price of the prior
     * @param gradient of the values at x, clipped if the plan clips; kept by the caller
     * @param memory what the step before left, {@link Memory#none()} at first; kept by the caller
     */
    <X extends Vectors<X>> Step<X> step(X x, double[] values, X gradient, Memory<X> memory);

    /** Whether it relies on exact values and gradients, so that they may be neither clipped nor drawn at random. */
    default boolean needsExactGradients() {
        return false;
    }

    /**
     * @param next where to evaluate next, owned by the receiver
     * @param memory for the next step, owned by the receiver
     */
    record Step<X extends Vectors<X>>(X next, Memory<X> memory) {}
}
