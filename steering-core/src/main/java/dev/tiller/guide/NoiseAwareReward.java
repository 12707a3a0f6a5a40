// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.GradedObjective.Graded;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;

/**
 * A reward of noisy samples, r(x_t, t), and its gradient. Guidance is exact where r(x_t, t) = log E[exp r(x₀) | x_t].
 *
 * @param <X> the samples
 */
@FunctionalInterface
public interface NoiseAwareReward<X extends Vectors<X>> {
    /**
     * Values and ∂r/∂x_t.
     *
     * @param level of x: what it is scaled by, and {@link Level#time()} for rewards that go by flow time
     * @param x kept by the caller
     * @param look the network's evaluation at x, for a reward that goes by its prediction
     */
    Graded<X> grade(Level level, X x, Look<X> look);

    /** Whether {@link Look#pull} is asked for. */
    default boolean pulls() {
        return false;
    }

    /** What all calls have used. */
    default Cost cost() {
        return Cost.NONE;
    }

    /**
     * The fallback, not noise-aware at all: r(E[x₀ | x_t]), a clean reward at the predicted clean sample, pulled back through
     * the network. It is exact for a linear reward of Gaussian data only.
     */
    static <X extends Vectors<X>> NoiseAwareReward<X> atPredictedClean(GradedObjective<X> reward) {
        return new PredictedClean<>(reward);
    }

    /** See {@link #atPredictedClean}. */
    record PredictedClean<X extends Vectors<X>>(GradedObjective<X> reward) implements NoiseAwareReward<X> {
        @Override
        public Graded<X> grade(Level level, X x, Look<X> look) {
            try (var graded = reward.grade(look.clean())) {
                return new Graded<>(graded.scores(), look.pull(graded.gradient()));
            }
        }

        @Override
        public boolean pulls() {
            return true;
        }

        @Override
        public Cost cost() {
            return reward.cost();
        }
    }
}
