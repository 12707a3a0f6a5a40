// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

/**
 * A reward with a gradient with respect to what it looks at. One that is written in {@code dev.tiller.tensor.Tensor}s has its
 * gradient by {@code RecordedMap}: pulled back is 1 for each row.
 *
 * @param <Y> a batch of what it looks at, such as images
 */
public interface DifferentiableReward<Y> extends Reward<Y> {
    /** Values and gradients of all rows; the caller owns the gradient. */
    Graded<Y> grade(Y y);

    /**
     * Values and their gradients.
     *
     * @param values one for each row, equal to those of {@link #score} up to rounding
     * @param gradient d values[i] / d y[i], of y's shape
     */
    record Graded<Y>(double[] values, Y gradient) {}
}
