// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.List;

/**
 * A reward of a whole population: what a row is worth depends on the rows beside it. The population is shown in parts, so
 * that memory does not grow with it; of each row something small is remembered.
 *
 * @param <Y> a batch of what it looks at
 * @param <S> what is remembered of one row; no tensor
 */
public interface PopulationReward<Y, S> extends Reward<Y> {
    /** One memory for each row of a part of the population. */
    List<S> look(Y part);

    /** The values of all rows, in the order in which they were seen, with parts that should be shown. */
    Scores value(List<S> seen);

    /** Takes y for the whole population. */
    @Override
    default double[] score(Y y) {
        return scores(y).total();
    }

    @Override
    default Scores scores(Y y) {
        return value(look(y));
    }
}
