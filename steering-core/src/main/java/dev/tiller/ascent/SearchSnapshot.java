// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;

/**
 * A search between two iterations, complete: from it and the run's source, objective, plan and key the rest follows, to the
 * bit. Whoever holds a snapshot that is theirs closes it.
 *
 * @param step the next iteration to make
 * @param pivots the best noise of each search so far
 * @param scores of the pivots; without values before the first iteration
 * @param cost of the run so far
 */
public record SearchSnapshot<X extends Vectors<X>>(int step, X pivots, Scores scores, Cost cost)
        implements IterativeRun.State {
    @Override
    public void close() {
        pivots.close();
    }
}
