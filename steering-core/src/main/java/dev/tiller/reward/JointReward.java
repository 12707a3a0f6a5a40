// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.reward.Reward.Scores;
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
        return new Graded<>(joint.scores().get(0).total(), joint.gradient());
    }

    /**
     * Several rewards' values and what their sum's gradient is.
     *
     * @param scores of each reward, as its {@link Reward#scores} gives them
     * @param gradient d (sum_k weights[k] scores[k].total[i]) / d y[i], of y's shape, owned by the receiver
     */
    record Joint<Y>(List<Scores> scores, Y gradient) {
        public Joint {
            scores = List.copyOf(scores);
        }
    }
}
