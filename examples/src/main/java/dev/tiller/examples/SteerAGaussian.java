// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.smc.Batch;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Steers a sampler whose answer is known. Data are normal with mean 0 and variance 1, the reward is r(x) = x, and
 * p(x) exp(lambda r(x)) is then normal with mean lambda and variance 1, with log Z = lambda^2 / 2.
 */
public final class SteerAGaussian {
    private SteerAGaussian() {}

    /** Particles on the line. */
    record Points(double... x) implements Batch<Points> {
        @Override
        public int size() {
            return x.length;
        }

        @Override
        public Points gather(int[] rows) {
            return new Points(Arrays.stream(rows).mapToDouble(i -> x[i]).toArray());
        }

        @Override
        public void close() {}
    }

    /** x_(t-1) = rho x_t + sqrt(1 - rho^2) noise: every x_t is normal, and E[x_0 | x_t] = rho^t x_t. */
    record Walk(int steps, double rho) implements Kernel<Points> {
        @Override
        public boolean stochastic() {
            return true;
        }

        @Override
        public Points start(int n, Key key) {
            return new Points(
                    IntStream.range(0, n).mapToDouble(i -> noise(key, i)).toArray());
        }

        @Override
        public Move<Points> move(int step, Points x, Key key) {
            int left = steps - step;
            var next = IntStream.range(0, x.size())
                    .mapToDouble(i -> rho * x.x()[i] + Math.sqrt(1 - rho * rho) * noise(key, i));
            var clean = Arrays.stream(x.x()).map(v -> Math.pow(rho, left) * v);
            return new Move<>(new Points(next.toArray()), new Points(clean.toArray()));
        }

        private static double noise(Key key, int slot) {
            return key.at(slot).generator().nextGaussian();
        }
    }

    /** What the particles say of the steered distribution. */
    record Estimate(double mean, double variance, double logEvidence) {}

    static Estimate steer(double lambda, int particles, long seed) {
        var plan = SteeringPlan.fk(particles, lambda, ScoringSchedule.from(4, 5));
        try (var run = SmcRun.start(new Walk(20, 0.9), (step, x) -> Scores.of(x.x()), plan, Key.of(seed))) {
            run.forEachRemaining(report -> System.out.printf(
                    Locale.ROOT,
                    "step %2d  ESS %6.0f of %d  best reward %5.2f%s%n",
                    report.step() + 1,
                    report.ess(),
                    report.particles(),
                    report.bestReward(),
                    report.resampled() ? "  resampled" : ""));
            var weights = run.snapshot().ledger().weights();
            var x = run.snapshot().population().x();
            double mean = weights.mean(x);
            double variance = weights.mean(
                    Arrays.stream(x).map(v -> (v - mean) * (v - mean)).toArray());
            return new Estimate(mean, variance, run.snapshot().logEvidence());
        }
    }

    public static void main(String[] args) {
        double lambda = 1.5;
        var found = steer(lambda, 2000, 7);
        System.out.printf(Locale.ROOT, "            steered   exact%n");
        System.out.printf(Locale.ROOT, "mean        %7.3f %7.3f%n", found.mean(), lambda);
        System.out.printf(Locale.ROOT, "variance    %7.3f %7.3f%n", found.variance(), 1.0);
        System.out.printf(Locale.ROOT, "log Z       %7.3f %7.3f%n", found.logEvidence(), lambda * lambda / 2);
        if (Math.abs(found.mean() - lambda) > 0.2
                || Math.abs(found.variance() - 1) > 0.2
                || Math.abs(found.logEvidence() - lambda * lambda / 2) > 0.2) {
            throw new IllegalStateException("the particles are not where they should be: " + found);
        }
    }
}
