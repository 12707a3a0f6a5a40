// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Vectors;
import dev.tiller.guide.FlowGuidance;
import dev.tiller.guide.GuidableKernel;
import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.Level;
import dev.tiller.guide.Look;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.guide.Stage;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Guides a flow whose answer is known, in two ways. Data are normal with mean 0 and variance 1, the reward is
 * r(x) = lambda (x - x^2/2), and p(x) exp(r(x)) is then normal with mean lambda/(1 + lambda) and variance 1/(1 + lambda).
 *
 * <p>First by particles that follow the gradient of the reward at the predicted clean sample and are weighed for it (DAS); then
 * by a flow without noise or weights, under a reward that understands noise (Flow-NRG).
 */
public final class GuideAGaussian {
    private GuideAGaussian() {}

    /** Points on the line. */
    record Line(double... x) implements Vectors<Line> {
        private Line map(DoubleUnaryOperator f) {
            return new Line(Arrays.stream(x).map(f).toArray());
        }

        private Line zip(Line other, DoubleBinaryOperator f) {
            return new Line(IntStream.range(0, x.length)
                    .mapToDouble(i -> f.applyAsDouble(x[i], other.x[i]))
                    .toArray());
        }

        @Override
        public int size() {
            return x.length;
        }

        @Override
        public int dimensions() {
            return 1;
        }

        @Override
        public double[][] toRows() {
            return Arrays.stream(x).mapToObj(a -> new double[] {a}).toArray(double[][]::new);
        }

        @Override
        public Line withRows(double[][] rows) {
            return new Line(Arrays.stream(rows).mapToDouble(row -> row[0]).toArray());
        }

        @Override
        public Line gather(int[] rows) {
            return new Line(Arrays.stream(rows).mapToDouble(i -> x[i]).toArray());
        }

        @Override
        public Line plus(Line other) {
            return zip(other, Double::sum);
        }

        @Override
        public Line minus(Line other) {
            return zip(other, (a, b) -> a - b);
        }

        @Override
        public Line times(double factor) {
            return map(a -> a * factor);
        }

        @Override
        public Line times(Line other) {
            return zip(other, (a, b) -> a * b);
        }

        @Override
        public Line dividedBy(Line other) {
            return zip(other, (a, b) -> a / b);
        }

        @Override
        public Line plus(double number) {
            return map(a -> a + number);
        }

        @Override
        public Line sqrt() {
            return map(Math::sqrt);
        }

        @Override
        public Line timesRows(double[] factors) {
            return zip(new Line(factors), (a, b) -> a * b);
        }

        @Override
        public double[] dotRows(Line other) {
            return times(other).x;
        }

        @Override
        public void close() {}
    }

    /**
     * x_t = (1 - t) x_0 + t n with t from 1 to 0 in equal steps. The network's part is played by the truth,
     * E[x_0 | x_t] = (1 - t)/((1 - t)^2 + t^2) x_t.
     *
     * @param noise of each move, as a share of all there is at its end: 0 for a flow without noise
     */
    record Flow(int steps, double noise) implements GuidableKernel<Line> {
        @Override
        public List<Stage> stages() {
            return IntStream.range(0, steps)
                    .mapToObj(step -> {
                        var to = Level.flow((steps - step - 1.0) / steps);
                        return new Stage(Level.flow((double) (steps - step) / steps), to, noise * to.sigma());
                    })
                    .toList();
        }

        @Override
        public boolean stochastic() {
            return noise > 0;
        }

        @Override
        public Line start(int n, Key key) {
            return noise(n, key);
        }

        @Override
        public Line noise(int n, Key key) {
            return new Line(IntStream.range(0, n)
                    .mapToDouble(i -> key.at(i).generator().nextGaussian())
                    .toArray());
        }

        @Override
        public Move<Line> move(int step, Line x, Key key) {
            var look = look(step, x, false);
            double std = stages().get(step).std();
            return new Move<>(look.mean().plus(noise(x.size(), key).times(std)), look.clean());
        }

        @Override
        public Line renoise(int step, Line x, Line next, Key key) {
            var stage = stages().get(step);
            return next.times(stage.signalLeft())
                    .plus(noise(next.size(), key).times(Math.sqrt(stage.renoiseVariance())));
        }

        @Override
        public Look<Line> look(int step, Line x, boolean taped) {
            var stage = stages().get(step);
            double alpha = stage.from().alpha();
            double sigma = stage.from().sigma();
            double slope = alpha / (alpha * alpha + sigma * sigma);
            return new Look<>() {
                @Override
                public Line clean() {
                    return x.times(slope);
                }

                @Override
                public Line mean() {
                    return mean(clean());
                }

                @Override
                public Line mean(Line clean) {
                    double kept = Math.sqrt(stage.to().sigma() * stage.to().sigma() - stage.std() * stage.std());
                    var predictedNoise = x.minus(clean.times(alpha)).times(1 / sigma);
                    return clean.times(stage.to().alpha()).plus(predictedNoise.times(kept));
                }

                @Override
                public Line pull(Line cotangent) {
                    return cotangent.times(slope);
                }

                @Override
                public void close() {}
            };
        }
    }

    /** The reward of clean samples, lambda (x - x^2/2) without its lambda. */
    static final class Reward implements GradedObjective<Line> {
        @Override
        public Scores score(Line x) {
            return Scores.of(x.map(v -> v - v * v / 2).x());
        }

        @Override
        public Graded<Line> grade(Line x) {
            return new Graded<>(score(x), x.map(v -> 1 - v));
        }
    }

    /** What samples say of the steered distribution. */
    record Estimate(double mean, double variance) {}

    /** Particles: a flow with noise, guided as DAS does, is a proposal for the flow itself. */
    static Estimate particles(double lambda, int particles, long seed) {
        var guide = new RewardGuidance<>(new Reward(), GuidanceSettings.DAS.withStrength(lambda));
        var kernel = GuidedKernel.proposal(new Flow(100, 0.4), guide);
        return estimate(kernel, SteeringPlan.fk(particles, lambda, ScoringSchedule.from(0, 1)), seed);
    }

    /** A flow under r(x_t, t) = log E[exp(r(x_0)) | x_t], whose gradient is E~[x_0 | x_t] - E[x_0 | x_t] times alpha/sigma^2. */
    static Estimate flow(double lambda, int samples, long seed) {
        double mean = lambda / (1 + lambda);
        double variance = 1 / (1 + lambda);
        var guide = new FlowGuidance<Line>(
                Map.of("tilt", (level, x, look) -> {
                    double slope = level.alpha()
                            * variance
                            / (level.alpha() * level.alpha() * variance + level.sigma() * level.sigma());
                    var tilted = x.map(v -> mean + slope * (v - level.alpha() * mean));
                    double factor = level.alpha() / (level.sigma() * level.sigma());
                    return new GradedObjective.Graded<>(
                            Scores.of(new double[x.size()]),
                            tilted.minus(look.clean()).times(factor));
                }),
                new FlowGuidance.Settings(1, 1, 0, 1000));
        var kernel = GuidedKernel.sampler(new Flow(100, 0), guide);
        // Lambda is in the flow already: samples count the same.
        return estimate(kernel, SteeringPlan.bestOf(samples, 0), seed);
    }

    private static Estimate estimate(Kernel<Line> kernel, SteeringPlan plan, long seed) {
        var reward = new Reward();
        try (var run = SmcRun.start(kernel, (step, x) -> reward.score(x), plan, Key.of(seed))) {
            run.finish();
            var weights = run.snapshot().ledger().weights();
            var x = run.snapshot().population();
            double mean = weights.mean(x.x());
            return new Estimate(
                    mean, weights.mean(x.map(v -> (v - mean) * (v - mean)).x()));
        }
    }

    public static void main(String[] args) {
        double lambda = 1.5;
        var particles = particles(lambda, 2000, 7);
        var flow = flow(lambda, 2000, 7);
        System.out.printf(Locale.ROOT, "            particles    flow   exact%n");
        System.out.printf(
                Locale.ROOT, "mean        %9.3f %7.3f %7.3f%n", particles.mean(), flow.mean(), lambda / (1 + lambda));
        System.out.printf(
                Locale.ROOT,
                "variance    %9.3f %7.3f %7.3f%n",
                particles.variance(),
                flow.variance(),
                1 / (1 + lambda));
        for (var found : List.of(particles, flow)) {
            if (Math.abs(found.mean() - lambda / (1 + lambda)) > 0.08
                    || Math.abs(found.variance() - 1 / (1 + lambda)) > 0.08) {
                throw new IllegalStateException("the samples are not where they should be: " + found);
            }
        }
    }
}
