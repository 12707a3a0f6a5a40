// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.ToyVectors;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * DDIM with noise η (1: ancestral sampling) on a mixture whose E[x₀ | x_t] and its Jacobian are exact, along any path of
 * levels.
 */
record ToySampler(Mixture data, List<Stage> stages) implements GuidableKernel<ToyVectors> {
    /** Levels from noise to data, the last of them clean. */
    static ToySampler of(Mixture data, double eta, Level... levels) {
        return new ToySampler(
                data,
                IntStream.range(0, levels.length - 1)
                        .mapToObj(i -> stage(levels[i], levels[i + 1], eta))
                        .toList());
    }

    private static Stage stage(Level from, Level to, double eta) {
        double kept = from.alpha() * to.sigma() / (to.alpha() * from.sigma());
        return new Stage(from, to, eta * to.sigma() * Math.sqrt(1 - kept * kept));
    }

    /** α = cos, σ = sin of an angle that falls from 0.95 π/2. */
    static ToySampler cosine(Mixture data, double eta, int steps) {
        return of(
                data,
                eta,
                IntStream.rangeClosed(0, steps)
                        .mapToDouble(i -> 0.475 * Math.PI * (steps - i) / steps)
                        .mapToObj(angle -> new Level(Math.cos(angle), Math.sin(angle)))
                        .toArray(Level[]::new));
    }

    /** A flow: t falls from 1 to 0. */
    static ToySampler flow(Mixture data, double eta, int steps) {
        return of(
                data,
                eta,
                IntStream.rangeClosed(0, steps)
                        .mapToObj(i -> Level.flow((steps - i) / (double) steps))
                        .toArray(Level[]::new));
    }

    @Override
    public int steps() {
        return stages.size();
    }

    @Override
    public boolean stochastic() {
        return stages.stream().anyMatch(stage -> stage.std() > 0);
    }

    @Override
    public ToyVectors start(int n, Key key) {
        try (var noise = noise(n, key)) {
            return noise.times(Math.hypot(
                    stages.get(0).from().alpha(), stages.get(0).from().sigma()));
        }
    }

    @Override
    public Move<ToyVectors> move(int step, ToyVectors x, Key key) {
        try (var look = look(step, x, false);
                var noise = noise(x.size(), key);
                var scaled = noise.times(stages.get(step).std())) {
            return new Move<>(look.mean().plus(scaled), look.clean().copy(), new double[x.size()]);
        }
    }

    @Override
    public Look<ToyVectors> look(int step, ToyVectors x, boolean taped) {
        return new Exact(step, x, taped);
    }

    @Override
    public ToyVectors noise(int n, Key key) {
        return ToyVectors.of(IntStream.range(0, n)
                .mapToObj(i -> {
                    var random = key.at(i).generator();
                    return IntStream.range(0, data.dimension())
                            .mapToDouble(j -> random.nextGaussian())
                            .toArray();
                })
                .toArray(double[][]::new));
    }

    @Override
    public ToyVectors renoise(int step, ToyVectors x, ToyVectors next, Key key) {
        var stage = stages.get(step);
        try (var kept = next.times(stage.signalLeft());
                var noise = noise(next.size(), key);
                var scaled = noise.times(Math.sqrt(stage.renoiseVariance()))) {
            return kept.plus(scaled);
        }
    }

    private final class Exact implements Look<ToyVectors> {
        private final int step;
        private final ToyVectors x;
        private final boolean taped;
        private final ToyVectors clean;
        private final ToyVectors mean;

        Exact(int step, ToyVectors x, boolean taped) {
            this.step = step;
            this.x = x;
            this.taped = taped;
            this.clean = ToyVectors.of(IntStream.range(0, x.size())
                    .mapToObj(i -> data.clean(stages.get(step).from(), x.row(i)))
                    .toArray(double[][]::new));
            this.mean = mean(clean);
        }

        @Override
        public ToyVectors clean() {
            return clean;
        }

        @Override
        public ToyVectors mean() {
            return mean;
        }

        @Override
        public ToyVectors mean(ToyVectors other) {
            var stage = stages.get(step);
            double left = Math.sqrt(Math.max(0, stage.to().sigma() * stage.to().sigma() - stage.std() * stage.std()));
            double ofNoise = left / stage.from().sigma();
            try (var a = x.times(ofNoise);
                    var b = other.times(
                            stage.to().alpha() - ofNoise * stage.from().alpha())) {
                return a.plus(b);
            }
        }

        @Override
        public ToyVectors pull(ToyVectors cotangent) {
            if (!taped) {
                throw new IllegalStateException("no tape");
            }
            return ToyVectors.of(IntStream.range(0, x.size())
                    .mapToObj(i -> data.pull(stages.get(step).from(), x.row(i), cotangent.row(i)))
                    .toArray(double[][]::new));
        }

        @Override
        public void close() {
            clean.close();
            mean.close();
        }
    }

    /** r(x) = b·x − c‖x‖²/2 of clean samples. */
    static GradedObjective<ToyVectors> quadratic(double[] b, double c) {
        return new GradedObjective<>() {
            @Override
            public Scores score(ToyVectors x) {
                return Scores.of(IntStream.range(0, x.size())
                        .mapToDouble(i -> IntStream.range(0, b.length)
                                .mapToDouble(j -> b[j] * x.row(i)[j] - c * x.row(i)[j] * x.row(i)[j] / 2)
                                .sum())
                        .toArray());
            }

            @Override
            public Graded<ToyVectors> grade(ToyVectors x) {
                return new Graded<>(
                        score(x),
                        ToyVectors.of(IntStream.range(0, x.size())
                                .mapToObj(i -> IntStream.range(0, b.length)
                                        .mapToDouble(j -> b[j] - c * x.row(i)[j])
                                        .toArray())
                                .toArray(double[][]::new)));
            }
        };
    }

    /** log E[exp(b·x₀ − c‖x₀‖²/2) | x_t]: its gradient is the tilted score less the score. */
    static NoiseAwareReward<ToyVectors> exact(Mixture data, double[] b, double c) {
        var tilted = data.tilted(b, c);
        double logZ = data.logTilt(b, c);
        return (level, x, look) -> new GradedObjective.Graded<>(
                Scores.of(IntStream.range(0, x.size())
                        .mapToDouble(i -> logZ + tilted.logDensity(level, x.row(i)) - data.logDensity(level, x.row(i)))
                        .toArray()),
                ToyVectors.of(IntStream.range(0, x.size())
                        .mapToObj(i -> {
                            var up = tilted.score(level, x.row(i));
                            var down = data.score(level, x.row(i));
                            Arrays.setAll(up, j -> up[j] - down[j]);
                            return up;
                        })
                        .toArray(double[][]::new)));
    }
}
