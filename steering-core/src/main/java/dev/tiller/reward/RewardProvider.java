// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.List;

/**
 * A reward that can be named in a {@link RewardExpression}. To add one, implement this and name the class in
 * {@code META-INF/services/dev.tiller.reward.RewardProvider} of your jar.
 *
 * @param <Y> a batch of what it looks at
 */
public interface RewardProvider<Y> {
    /** What to know of it; {@code info().name()} is its name in expressions. */
    RewardInfo info();

    /** The class of Y: a run on other samples does not offer this reward. */
    Class<Y> looksAt();

    /** The options it understands; others are refused before {@link #create} is called. */
    default List<Option> options() {
        return List.of();
    }

    /**
     * Builds the reward for a prompt; the caller closes it.
     *
     * @throws dev.tiller.run.TillerException if an option's value or the prompt will not do
     */
    Reward<Y> create(RewardRequest request);

    /**
     * An option in words.
     *
     * @param otherwise what it is when not given, in words
     */
    record Option(String key, String meaning, String otherwise) {}
}
