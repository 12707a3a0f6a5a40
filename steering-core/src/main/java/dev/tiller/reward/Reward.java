// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

/**
 * Says how good each of a batch of samples is; larger is better. The prompt is bound when the reward is built.
 *
 * @param <Y> a batch of what it looks at, such as images
 */
public interface Reward<Y> extends AutoCloseable {
    RewardInfo info();

    /** One value for each row of y; NaN where the reward cannot say. */
    double[] score(Y y);

    @Override
    default void close() {}
}
