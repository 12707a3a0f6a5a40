// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.Vectors;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import java.util.List;

/**
 * A sampler whose moves are Gaussian, x_(t-1) = mean(x_t) + std · noise, with a mean that follows from the network's estimate
 * of the clean sample, so that guidance can put in another. {@link #move} is such a move with {@link #noise} of the same key.
 *
 * @param <X> the particles. Arithmetic is on samples; what a solver remembers of a particle's past goes along with the left
 *     operand
 */
public interface GuidableKernel<X extends Vectors<X>> extends Kernel<X> {
    /** The moves as scalars, {@link #steps()} of them. */
    List<Stage> stages();

    /**
     * Evaluates the network.
     *
     * @param x kept by the caller, and alive until the look is closed
     * @param taped whether {@link Look#pull} will be asked for
     */
    Look<X> look(int step, X x, boolean taped);

    /** Standard normal samples of n rows, row i from {@code key.at(i)}. */
    X noise(int n, Key key);

    /**
     * q(x_t | x_(t-1)): one step of the forward process, to make a move once more.
     *
     * @param x what the move started from; its solver's memory is what the result remembers
     * @param next what the move has led to; both are kept by the caller
     */
    X renoise(int step, X x, X next, Key key);
}
