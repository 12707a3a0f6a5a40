// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import java.util.List;

/**
 * An ascent between two iterations, complete: from it and the run's objective, plan and key the rest follows, to the bit.
 * Whoever holds a snapshot that is theirs closes it.
 *
 * @param step the next iteration to make
 * @param climbing the slots whose ascents go on, ascending
 * @param iterate where they are, one row for each slot that climbs
 * @param memory of the optimizer, of the slots that climb
 * @param best the noise of the largest reward of each slot so far; its start before it has one
 * @param bestStep when it was evaluated; -1 where no reward has been finite
 * @param history what was said at each iteration made, one value for each slot; a slot that has ended keeps its best
 * @param cost of the run so far
 */
public record AscentSnapshot<X extends Vectors<X>>(
        int step, int[] climbing, X iterate, Memory<X> memory, X best, int[] bestStep, List<Scores> history, Cost cost)
        implements IterativeRun.State {
    /** The largest reward of a slot; -infinity where none has been finite. */
    public double bestReward(int slot) {
        return bestStep[slot] < 0
                ? Double.NEGATIVE_INFINITY
                : history.get(bestStep[slot]).total()[slot];
    }

    AscentSnapshot<X> copy() {
        return new AscentSnapshot<>(
                step, climbing, iterate.copy(), memory.copy(climbing.length), best.copy(), bestStep, history, cost);
    }

    @Override
    public void close() {
        iterate.close();
        memory.close();
        best.close();
    }
}
