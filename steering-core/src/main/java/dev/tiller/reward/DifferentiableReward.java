// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

/** A reward with a gradient with respect to what it looks at. */
public interface DifferentiableReward<Y> extends Reward<Y> {
    /** Values and gradients of all rows; the caller owns the gradient. */
    Graded<Y> grade(Y y);

    /**
     * @param values one for each row
     * @param gradient d values[i] / d y[i], of y's shape
     */
    record Graded<Y>(double[] values, Y gradient) {}
}
