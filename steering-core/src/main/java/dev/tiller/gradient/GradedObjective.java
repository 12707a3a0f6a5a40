// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;

/**
 * A reward of x, with its gradient: whatever leads from x to a sample and judges it, for all rows at once. The value of a
 * row does not depend on the rows beside it.
 *
 * @param <X> where it is differentiated, kept by the caller
 */
public interface GradedObjective<X extends Vectors<X>> {
    /** The reward of each row, without a gradient. */
    Scores score(X x);

    /** The reward of each row and its gradient. */
    Graded<X> grade(X x);

    /** What all calls have used since this objective was made. */
    default Cost cost() {
        return Cost.NONE;
    }

    /**
     * @param scores values, one for each row
     * @param gradient d total[i] / d x[i], of x's shape; owned by the receiver
     */
    record Graded<X extends Vectors<X>>(Scores scores, X gradient) implements AutoCloseable {
        @Override
        public void close() {
            gradient.close();
        }
    }
}
