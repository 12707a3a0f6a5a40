// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.Cost;

/**
 * A sampler seen as a Markov chain: x_T is drawn by {@link #start}, then {@link #steps()} moves lead to data.
 *
 * <p>Randomness is an argument and is keyed by slot, {@code key.at(slot)}, never by batch: row i of a result depends
 * only on row i of the argument and on {@code key.at(i)}, whatever the batch size.
 */
public interface Kernel<X extends Batch<X>> {
    /** The number of moves, at least 1. */
    int steps();

    /** Whether the moves before the last draw noise; copies of a particle stay equal under a kernel that does not. */
    boolean stochastic();

    /** n fresh particles. */
    X start(int n, Key key);

    /**
     * One move.
     *
     * @param step which, in [0, steps)
     * @param x the particles, kept by the caller
     * @param key this move's randomness
     */
    Move<X> move(int step, X x, Key key);

    /** What all moves of this kernel have used since it was made. */
    default Cost cost() {
        return Cost.NONE;
    }
}
