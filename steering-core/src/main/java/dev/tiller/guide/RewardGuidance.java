// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.GradedObjective.Graded;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Key;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Guidance by the gradient of a reward of clean samples at the predicted clean sample; {@link GuidanceSettings} says which of
 * the published methods it is.
 *
 * @param reward of clean samples; kept by the caller
 * @param settings how
 * @param <X> the samples
 */
public record RewardGuidance<X extends Vectors<X>>(GradedObjective<X> reward, GuidanceSettings settings)
        implements Guide<X> {
    @Override
    public int rounds(int step, List<Stage> stages) {
        return settings.rounds(step, stages.size());
    }

    @Override
    public boolean pulls() {
        return settings.strength() > 0;
    }

    @Override
    public Push<X> push(GuidableKernel<X> kernel, int step, X x, Look<X> look, Key key) {
        var stages = kernel.stages();
        double strength = settings.through().at(step, stages);
        double cleanStrength = settings.past().at(step, stages);
        try (var rewardUnderNoise = new Smoothed<>(kernel, reward, settings, stages.get(step), x.size(), key)) {
            X through = strength == 0 ? null : through(stages.get(step), x, look, rewardUnderNoise, strength);
            X past = cleanStrength == 0 || settings.cleanSteps() == 0
                    ? null
                    : past(look.clean(), rewardUnderNoise, cleanStrength);
            return split(stages.get(step), through, past);
        }
    }

    /** ρ · rule(g). */
    private X through(Stage stage, X x, Look<X> look, Smoothed<X> reward, double strength) {
        try (var graded = reward.grade(look.clean());
                X gradient = Rows.cut(look.pull(graded.gradient()), settings.maxNorm())) {
            var factors = settings.rule()
                    .factors(stage, x, look.clean(), gradient, graded.scores().total());
            return gradient.timesRows(
                    Arrays.stream(factors).map(f -> f * strength).toArray());
        }
    }

    /** Δ₀. */
    private X past(X clean, Smoothed<X> reward, double strength) {
        X at = clean.copy();
        for (int i = 0; i < settings.cleanSteps(); i++) {
            try (X before = at;
                    var graded = reward.grade(before);
                    X gradient = Rows.cut(graded.gradient().copy(), settings.maxNorm());
                    X shift = gradient.times(strength)) {
                at = before.plus(shift);
            }
        }
        try (X reached = at) {
            return reached.minus(clean);
        }
    }

    private Push<X> split(Stage stage, @Nullable X through, @Nullable X past) {
        if (settings.rule() == StepRule.SCORE) {
            // The whole solver sees both: Universal Guidance, algorithm 1.
            return new Push<>(Rows.sum(through, past), null);
        }
        if (past == null) {
            return new Push<>(null, through);
        }
        try (past) {
            return new Push<>(null, Rows.sum(through, past.times(stage.to().alpha())));
        }
    }

    @Override
    public Cost cost() {
        return reward.cost();
    }

    /** r~: the reward under noise, with the same draws for all its calls. */
    private static final class Smoothed<X extends Vectors<X>> implements AutoCloseable {
        private final GradedObjective<X> reward;
        private final List<X> noises;

        Smoothed(
                GuidableKernel<X> kernel,
                GradedObjective<X> reward,
                GuidanceSettings settings,
                Stage stage,
                int rows,
                Key key) {
            this.reward = reward;
            double sigma = stage.from().sigma()
                    / Math.hypot(stage.from().alpha(), stage.from().sigma());
            double scale = settings.smoothing().deviation() * sigma;
            this.noises = scale == 0
                    ? List.of()
                    : java.util.stream.IntStream.range(0, settings.smoothing().draws())
                            .mapToObj(i -> {
                                try (X noise = kernel.noise(rows, key.at(i))) {
                                    return noise.times(scale);
                                }
                            })
                            .toList();
        }

        Graded<X> grade(X clean) {
            if (noises.isEmpty()) {
                return reward.grade(clean);
            }
            Graded<X> sum = null;
            for (X noise : noises) {
                try (X at = clean.plus(noise);
                        var graded = reward.grade(at)) {
                    sum = Rows.logSum(sum, graded, Math.log(noises.size()));
                }
            }
            return java.util.Objects.requireNonNull(sum);
        }

        @Override
        public void close() {
            noises.forEach(Vectors::close);
        }
    }
}
