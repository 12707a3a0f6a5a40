// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import java.util.Map;

/**
 * Says how good each of a batch of samples is; larger is better. The prompt is bound when the reward is built.
 *
 * @param <Y> a batch of what it looks at, such as images
 */
public interface Reward<Y> extends AutoCloseable {
    /** What to know of it. */
    RewardInfo info();

    /**
     * What a reward says of a batch.
     *
     * @param total one value for each row, larger is better; NaN where the reward cannot say
     * @param parts what should be shown beside it, by name, with one number for each row; of a sum of rewards the value of each,
     *     unweighted, and then their own parts
     */
    record Scores(double[] total, Map<String, double[]> parts) {}

    /** One value for each row of y; NaN where the reward cannot say. */
    double[] score(Y y);

    /** The same, with parts that should be shown, such as how sure it is; one number for each row of y in each. */
    default Scores scores(Y y) {
        return new Scores(score(y), Map.of());
    }

    /** What it has used beside looking at samples, such as paid calls. */
    default Cost cost() {
        return Cost.NONE;
    }

    /**
     * What it keeps of the populations it has seen and values later ones by: with a run's state it is saved. Mostly nothing,
     * since a value mostly hangs on nothing but its sample.
     */
    default double[] memory() {
        return new double[0];
    }

    /**
     * Goes on from what {@link #memory} gave.
     *
     * @throws TillerException if that is of another reward
     */
    default void remember(double[] memory) {
        if (memory.length > 0) {
            throw new TillerException("The reward " + info().name() + " is not the one that the run was saved with.");
        }
    }

    /**
     * Whether others share what is costly in it for as long as it is open, whatever their prompts: a model, texts that were
     * encoded, a budget. Who makes rewards of many prompts then makes the next before this is closed.
     */
    default boolean shares() {
        return false;
    }

    @Override
    default void close() {}
}
