// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Exactness;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Resampling;
import dev.tiller.smc.ResamplingScheme;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.smc.Tempering;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * TDS, DAS and guided flows under resampling sample p(x) exp(lambda r(x)) of the unguided sampler's own p, and estimate its Z;
 * {@link Exactness} says how that is tested (false alarms 1e-4 for each test method). The control is the same without the
 * correction.
 */
class ProposalTest {
    private static final Mixture DATA =
            Mixture.line(new double[] {0.6, 0.4}, new double[] {-1.2, 1.4}, new double[] {0.25, 0.16});
    private static final double LAMBDA = 0.8;
    private static final double[] B = {1.6};
    private static final double C = 0.6;
    private static final int RUNS = 400;
    private static final int PARTICLES = 16;
    private static final int STEPS = 16;
    private static final List<DoubleUnaryOperator> MOMENTS = List.of(x -> x, x -> x * x, x -> x > 1 ? 1 : 0);
    private static final List<String> WHAT = List.of("mean", "square", "weight above 1", "evidence");

    private final ToySampler diffusion = ToySampler.cosine(DATA, 1, STEPS);
    private final ToySampler flow = ToySampler.flow(DATA, 0.7, STEPS);
    private final SteeringPlan plan = SteeringPlan.fk(PARTICLES, LAMBDA, ScoringSchedule.from(0, 1));
    private final RewardGuidance<ToyVectors> tds =
            new RewardGuidance<>(ToySampler.quadratic(B, C), GuidanceSettings.TDS.withStrength(LAMBDA));

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    private static double reward(double x) {
        return B[0] * x - C * x * x / 2;
    }

    /** What the steered law says of a sampler. */
    private record Target(double logZ, double[] moments) {
        static Target of(ToySampler sampler) {
            var law = new LineLaw(sampler);
            double z = law.expectation(x -> Math.exp(LAMBDA * reward(x)));
            return new Target(
                    Math.log(z),
                    MOMENTS.stream()
                            .mapToDouble(f ->
                                    law.expectation(x -> f.applyAsDouble(x) * Math.exp(LAMBDA * reward(x))) / z)
                            .toArray());
        }
    }

    private static double[] deviations(Kernel<ToyVectors> kernel, SteeringPlan plan, Target target, Key key) {
        var reward = ToySampler.quadratic(B, C);
        try (var run = SmcRun.start(kernel, (step, x) -> reward.score(x), plan, key)) {
            run.finish();
            var weights = run.snapshot().ledger().weights().toArray();
            var x = run.snapshot().population().column(0);
            var d = new double[MOMENTS.size() + 1];
            for (int i = 0; i < x.length; i++) {
                double w = Math.exp(weights[i] - target.logZ()) / x.length;
                for (int j = 0; j < MOMENTS.size(); j++) {
                    d[j] += w * (MOMENTS.get(j).applyAsDouble(x[i]) - target.moments()[j]);
                }
                d[MOMENTS.size()] += w;
            }
            d[MOMENTS.size()] -= 1;
            return d;
        }
    }

    private static void examine(
            Exactness exactness, String name, Kernel<ToyVectors> kernel, SteeringPlan plan, Target target) {
        exactness.examine(name, WHAT, key -> deviations(kernel, plan, target, key), Key.of(name.hashCode()));
    }

    @Test
    void theLawOfTheToyIsTheToys() {
        var law = new LineLaw(diffusion);
        assertEquals(1, law.expectation(x -> 1), 1e-9);
        int n = 40_000;
        var x = LineLaw.drawn(diffusion, n, Key.of(3));
        double mean = law.expectation(v -> v);
        double sd = Math.sqrt(law.expectation(v -> (v - mean) * (v - mean)));
        // Five standard errors: false alarm 6e-7.
        assertEquals(mean, Arrays.stream(x).average().orElseThrow(), 5 * sd / Math.sqrt(n));
    }

    @Test
    void guidedParticlesHitTheTargetExactly() {
        var exactness = new Exactness(RUNS);
        var target = Target.of(diffusion);
        var always = Resampling.always(ResamplingScheme.SSP);
        examine(exactness, "TDS", GuidedKernel.proposal(diffusion, tds), plan, target);
        examine(exactness, "TDS, always", GuidedKernel.proposal(diffusion, tds), plan.withResampling(always), target);
        examine(
                exactness,
                "TDS, scored every second step, in families",
                GuidedKernel.proposal(diffusion, tds),
                SteeringPlan.svdd(8, 2, LAMBDA, ScoringSchedule.from(1, 2)),
                target);
        examine(
                exactness,
                "weighted only",
                GuidedKernel.proposal(diffusion, tds),
                plan.withResampling(Resampling.never()),
                target);
        var tempering = Tempering.growing(Math.pow(2, 1.0 / STEPS) - 1);
        var das = new RewardGuidance<>(
                ToySampler.quadratic(B, C),
                GuidanceSettings.DAS.withStrength(LAMBDA).withStrengthSchedule(Schedule.of(tempering)));
        examine(
                exactness,
                "DAS",
                GuidedKernel.proposal(diffusion, das),
                plan.withTempering(tempering).withResampling(always),
                target);
        assertEquals(List.of(), exactness.rejected());
    }

    @Test
    void guidedFlowsUnderResamplingToo() {
        var exactness = new Exactness(RUNS);
        var target = Target.of(flow);
        var noiseAware = new FlowGuidance<>(
                Map.of("r", ToySampler.exact(DATA, new double[] {LAMBDA * B[0]}, LAMBDA * C)),
                FlowGuidance.Settings.DEFAULT);
        examine(exactness, "flow, noise-aware", GuidedKernel.proposal(flow, noiseAware), plan, target);
        examine(exactness, "flow, at the predicted clean sample", GuidedKernel.proposal(flow, tds), plan, target);
        assertEquals(List.of(), exactness.rejected());
    }

    @Test
    void aDroppedCorrectionIsRejected() {
        for (var sampler : List.of(diffusion, flow)) {
            var exactness = new Exactness(RUNS);
            examine(exactness, "forgetful", GuidedKernel.sampler(sampler, tds), plan, Target.of(sampler));
            assertFalse(exactness.rejected().isEmpty());
        }
    }

    /** Guidance is worth its gradient: the estimate of Z varies less than that of unguided particles. */
    @Test
    void guidedParticlesEstimateBetter() {
        var das = new RewardGuidance<>(ToySampler.quadratic(B, C), GuidanceSettings.DAS.withStrength(LAMBDA));
        double plain = variance(diffusion, Target.of(diffusion));
        double guided = variance(GuidedKernel.proposal(diffusion, das), Target.of(diffusion));
        assertTrue(guided < plain / 2, guided + " against " + plain);
    }

    private double variance(Kernel<ToyVectors> kernel, Target target) {
        double sum = 0;
        for (int r = 0; r < RUNS; r++) {
            double d = deviations(kernel, plan, target, Key.of(77).at(r))[MOMENTS.size()];
            sum += d * d / RUNS;
        }
        return sum;
    }

    @Test
    void whatHasNoDensityIsNoProposal() {
        var quiet = assertThrows(
                TillerException.class, () -> GuidedKernel.proposal(ToySampler.cosine(DATA, 0, STEPS), tds));
        assertTrue(quiet.getMessage().contains("eta > 0"), quiet.getMessage());
        var again =
                new RewardGuidance<>(ToySampler.quadratic(B, C), GuidanceSettings.TDS.withRecurrence(2, Window.ALL));
        var recurrent = assertThrows(TillerException.class, () -> GuidedKernel.proposal(diffusion, again));
        assertTrue(recurrent.getMessage().contains("recurrence"), recurrent.getMessage());
    }

    @Test
    void aGuideThatPushesAnotherNumberOfRowsIsRefused() {
        var one = new Guide<ToyVectors>() {
            @Override
            public int rounds(int step, List<Stage> stages) {
                return 1;
            }

            @Override
            public boolean pulls() {
                return false;
            }

            @Override
            public Push<ToyVectors> push(
                    GuidableKernel<ToyVectors> kernel, int step, ToyVectors x, Look<ToyVectors> look, Key key) {
                return new Push<>(look.clean().gather(new int[] {0}), null);
            }
        };
        try (var run = SmcRun.start(
                GuidedKernel.sampler(diffusion, one),
                (step, x) -> Scores.of(new double[x.size()]),
                SteeringPlan.bestOf(2, 1),
                Key.of(1))) {
            var e = assertThrows(IllegalStateException.class, run::finish);
            assertEquals("the guide pushes 1 rows where there are 2 particles", e.getMessage());
        }
    }
}
