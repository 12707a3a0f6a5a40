// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.ToyVectors;
import dev.tiller.smc.Exactness;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A guided proposal for a sampler of two steps, such as DPM-Solver++ 2M SDE: the past that it remembers is a part of the chain
 * that particles are weighed for. {@link Exactness} says how that is tested.
 */
class MultistepProposalTest {
    private static final double SLOPE = 1.2;
    private static final int STEPS = 8;
    private static final List<Stage> STAGES = ToySampler.cosine(null, 1, STEPS).stages();

    /** x' = mean + std z with the mean of DDIM at clean + (clean − past)/2, of data N(0.3, 0.25). */
    private static final class TwoSteps implements GuidableKernel<Remembering> {
        private static final double MEAN = 0.3;
        private static final double VARIANCE = 0.25;

        /** E[x₀ | x_t] = gain x + rest. */
        static double gain(Level at) {
            return at.alpha() * VARIANCE / (at.alpha() * at.alpha() * VARIANCE + at.sigma() * at.sigma());
        }

        static double rest(Level at) {
            return MEAN * (1 - gain(at) * at.alpha());
        }

        /** The shares in the mean of x, of the estimate and of the past. */
        static double[] shares(int step) {
            var stage = STAGES.get(step);
            double left = Math.sqrt(Math.max(0, stage.to().sigma() * stage.to().sigma() - stage.std() * stage.std()));
            double ofX = left / stage.from().sigma();
            double ofClean = stage.to().alpha() - ofX * stage.from().alpha();
            return step == 0 ? new double[] {ofX, ofClean, 0} : new double[] {ofX, 1.5 * ofClean, -0.5 * ofClean};
        }

        @Override
        public int steps() {
            return STEPS;
        }

        @Override
        public boolean stochastic() {
            return true;
        }

        @Override
        public List<Stage> stages() {
            return STAGES;
        }

        @Override
        public Remembering start(int n, Key key) {
            return noise(n, key);
        }

        @Override
        public Remembering noise(int n, Key key) {
            var x = IntStream.range(0, n)
                    .mapToDouble(i -> key.at(i).generator().nextGaussian())
                    .toArray();
            return new Remembering(ToyVectors.column(x), ToyVectors.column(new double[n]));
        }

        @Override
        public Move<Remembering> move(int step, Remembering x, Key key) {
            try (var look = look(step, x, false);
                    var noise = noise(x.size(), key);
                    var scaled = noise.times(STAGES.get(step).std())) {
                return new Move<>(look.mean().plus(scaled), look.clean().copy(), new double[x.size()]);
            }
        }

        @Override
        public Look<Remembering> look(int step, Remembering x, boolean taped) {
            var level = STAGES.get(step).from();
            double[] estimate = Arrays.stream(x.sample().column(0))
                    .map(v -> gain(level) * v + rest(level))
                    .toArray();
            var clean = new Remembering(ToyVectors.column(estimate), ToyVectors.column(new double[x.size()]));
            var mean = mean(step, x, clean);
            return new Look<>() {
                @Override
                public Remembering clean() {
                    return clean;
                }

                @Override
                public Remembering mean() {
                    return mean;
                }

                @Override
                public Remembering mean(Remembering other) {
                    return TwoSteps.mean(step, x, other);
                }

                @Override
                public Remembering pull(Remembering cotangent) {
                    return cotangent.times(gain(level));
                }

                @Override
                public void close() {
                    clean.close();
                    mean.close();
                }
            };
        }

        private static Remembering mean(int step, Remembering x, Remembering clean) {
            var shares = shares(step);
            try (var a = x.sample().times(shares[0]);
                    var b = clean.sample().times(shares[1]);
                    var c = x.past().times(shares[2]);
                    var ab = a.plus(b)) {
                return new Remembering(ab.plus(c), clean.sample().copy());
            }
        }

        @Override
        public Remembering renoise(int step, Remembering x, Remembering next, Key key) {
            throw new UnsupportedOperationException("no move is made twice");
        }

        /** Mean and variance of the last sample: x and past are jointly Gaussian, and moves are affine. */
        static double[] law() {
            double meanX = 0;
            double meanPast = 0;
            double xx = 1;
            double xp = 0;
            double pp = 0;
            for (int step = 0; step < STEPS; step++) {
                var level = STAGES.get(step).from();
                var shares = shares(step);
                double a = shares[0] + shares[1] * gain(level);
                double c = shares[2];
                double newMean = a * meanX + shares[1] * rest(level) + c * meanPast;
                meanPast = gain(level) * meanX + rest(level);
                meanX = newMean;
                double std = STAGES.get(step).std();
                double newXx = a * a * xx + 2 * a * c * xp + c * c * pp + std * std;
                double newXp = gain(level) * (a * xx + c * xp);
                pp = gain(level) * gain(level) * xx;
                xx = newXx;
                xp = newXp;
            }
            return new double[] {meanX, xx};
        }
    }

    private static final GradedObjective<Remembering> REWARD = new GradedObjective<>() {
        @Override
        public Scores score(Remembering x) {
            return Scores.of(
                    Arrays.stream(x.sample().column(0)).map(v -> SLOPE * v).toArray());
        }

        @Override
        public Graded<Remembering> grade(Remembering x) {
            var slopes = new double[x.size()];
            Arrays.fill(slopes, SLOPE);
            return new Graded<>(
                    score(x), new Remembering(ToyVectors.column(slopes), ToyVectors.column(new double[x.size()])));
        }
    };

    private static double[] deviations(Key key) {
        double mean = TwoSteps.law()[0];
        double variance = TwoSteps.law()[1];
        double logZ = SLOPE * mean + SLOPE * SLOPE * variance / 2;
        var tds = new RewardGuidance<>(REWARD, GuidanceSettings.TDS);
        var plan = SteeringPlan.fk(16, 1, ScoringSchedule.from(0, 1));
        try (var run =
                SmcRun.start(GuidedKernel.proposal(new TwoSteps(), tds), (step, x) -> REWARD.score(x), plan, key)) {
            run.finish();
            var weights = run.snapshot().ledger().weights().toArray();
            var x = run.snapshot().population().sample().column(0);
            double tilted = mean + SLOPE * variance;
            var d = new double[] {0, 0, -1};
            for (int i = 0; i < x.length; i++) {
                double w = Math.exp(weights[i] - logZ) / x.length;
                d[0] += w * (x[i] - tilted);
                d[1] += w * ((x[i] - tilted) * (x[i] - tilted) - variance);
                d[2] += w;
            }
            return d;
        }
    }

    @Test
    void aSolversPastIsThatOfTheUnguidedMove() {
        var exactness = new Exactness(2000);
        exactness.examine("TDS", List.of("mean", "variance", "evidence"), MultistepProposalTest::deviations, Key.of(5));
        assertEquals(List.of(), exactness.rejected());
        assertEquals(0, ToyVectors.alive());
    }
}
