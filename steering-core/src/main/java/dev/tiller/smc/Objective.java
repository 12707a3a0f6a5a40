// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.Cost;

/** The reward as the engine sees it: whatever decodes a batch and judges it, for all rows at once. */
@FunctionalInterface
public interface Objective<X> {
    /**
     * The reward of each row. Where the value of a row depends on the rows beside it, as rewards of whole populations have it,
     * particles are steered by it all the same, but no target is exact.
     *
     * @param step which, in [0, steps)
     * @param x what the samples are predicted to become, E[x_0 | x_t]; at the last step the samples themselves. Kept by
     *     the caller
     */
    Scores score(int step, X x);

    /** What all scorings have used since this objective was made. */
    default Cost cost() {
        return Cost.NONE;
    }
}
