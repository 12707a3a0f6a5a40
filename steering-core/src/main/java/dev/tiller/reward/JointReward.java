// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.List;

/**
 * A reward that shares its work with others, such as heads on one network: all with an equal {@link #shared} are graded
 * in one pass, whose cost does not grow with their number.
 */
public interface JointReward<Y> extends DifferentiableReward<Y> {
    /** What it shares its work through. */
    Object shared();

    /**
     * Grades several at once.
     *
     * @param rewards with this one's {@link #shared}, this one among them
     * @param weights one for each
     */
    Joint<Y> grade(Y y, List<? extends JointReward<Y>> rewards, List<Double> weights);

    @Override
    default Graded<Y> grade(Y y) {
        var joint = grade(y, List.of(this), List.of(1.0));
        return new Graded<>(joint.values()[0], joint.gradient());
    }

    /**
     * Several rewards' values and what their sum's gradient is.
     *
     * @param values of each reward for each row
     * @param gradient d (sum_k weights[k] values[k][i]) / d y[i], of y's shape, owned by the receiver
     */
    record Joint<Y>(double[][] values, Y gradient) {}
}
