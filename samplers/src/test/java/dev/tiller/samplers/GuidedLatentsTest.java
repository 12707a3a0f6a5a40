// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.guide.Schedule;
import dev.tiller.guide.StepRule;
import dev.tiller.guide.Window;
import dev.tiller.run.Cost;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.KernelLaws;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The embedded model under guidance, by a reward of its latents: the mean of their first channel. */
class GuidedLatentsTest {
    private static final Path MODEL = Path.of("src/main/resources/models/scenes-v1");
    private static TextToImage model;
    private static int aliveBefore;

    @BeforeAll
    static void load() {
        model = TextToImage.load(MODEL, DType.FLOAT32, Device.CPU);
        // Packed weights are made at their first use and stay with the model.
        try (var kernel = sampler("ddim", 2, 2);
                var x = kernel.start(1, Key.of(1));
                var move = kernel.move(0, x, Key.of(1))) {
            assertEquals(1, move.next().size());
        }
        aliveBefore = Tensor.alive();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(aliveBefore, Tensor.alive());
    }

    private static DiffusionKernel sampler(String scheduler, int steps, int microBatch) {
        return model.sampler(new Sampling(
                "a photo of a red circle",
                "",
                steps,
                ClassifierFreeGuidance.of(2),
                1,
                scheduler,
                0,
                0,
                0,
                null,
                Noise.KEYED,
                microBatch));
    }

    private static final GradedObjective<Tensor> FIRST_CHANNEL = new GradedObjective<>() {
        @Override
        public Scores score(Tensor x) {
            try (var scope = Scope.open()) {
                return Scores.of(x.slice(1, 0, 1).mean(1, 2, 3).toDoubles());
            }
        }

        @Override
        public Graded<Tensor> grade(Tensor x) {
            try (var scope = Scope.open()) {
                var first = x.slice(1, 0, 1).times(0).plus(1.0 * x.dim(1) / x.elements() * x.size());
                var others = x.slice(1, 1, x.dim(1)).times(0);
                return new Graded<>(score(x), scope.keep(Tensor.concat(1, first, others)));
            }
        }
    };
    private static final GradedObjective<Latents> REWARD = new ParticleReward(FIRST_CHANNEL);

    /** In one piece, and in several with tapes computed anew. */
    @ParameterizedTest
    @CsvSource({"ddim, 1", "ddim, 3", "dpmpp-2m-sde, 3", "euler-a, 1", "unipc, 3"})
    void looksAgreeWithMovesAndCentralDifferences(String scheduler, int rows) {
        try (var kernel = sampler(scheduler, 4, 2);
                var start = kernel.start(rows, Key.of(1));
                var first = kernel.move(0, start, Key.of(2))) {
            var x = first.next();
            try (var move = kernel.move(1, x, Key.of(3));
                    var look = kernel.look(1, x, true);
                    var noise = kernel.noise(rows, Key.of(3));
                    var scaled = noise.times(kernel.stages().get(1).std());
                    var next = look.mean().plus(scaled);
                    var again = look.mean(look.clean());
                    var graded = REWARD.grade(look.clean());
                    var gradient = look.pull(graded.gradient());
                    var direction = kernel.noise(rows, Key.of(4))) {
                same(move.clean().sample(), look.clean().sample(), 1e-4);
                same(move.next().sample(), next.sample(), 1e-4);
                same(move.next().sample(), again.plus(scaled), 1e-4);
                assertEquals(move.next().memory().size(), next.memory().size());
                for (int k = 0; k < next.memory().size(); k++) {
                    same(move.next().memory().get(k), look.mean().memory().get(k), 1e-4);
                }
                double h = 0.02;
                var slope = gradient.dotRows(direction);
                var up = rewardAt(kernel, x, direction, h);
                var down = rewardAt(kernel, x, direction, -h);
                for (int i = 0; i < rows; i++) {
                    assertEquals((up[i] - down[i]) / (2 * h), slope[i], 2e-2 * Math.abs(slope[i]) + 1e-4);
                }
            }
        }
    }

    private static void same(Tensor expected, Latents got, double tolerance) {
        try (got) {
            same(expected, got.sample(), tolerance);
        }
    }

    private static void same(Tensor expected, Tensor got, double tolerance) {
        assertArrayEquals(expected.toDoubles(), got.toDoubles(), tolerance);
    }

    private static double[] rewardAt(DiffusionKernel kernel, Latents x, Latents direction, double h) {
        try (var shift = direction.times(h);
                var moved = x.plus(shift);
                var look = kernel.look(1, moved, false)) {
            return REWARD.score(look.clean()).total();
        }
    }

    @Test
    void everyMethodRaisesTheRewardAndIsCounted() {
        try (var kernel = sampler("ddim", 6, 4)) {
            double plain = mean(kernel);
            for (var settings : List.of(
                    GuidanceSettings.of(StepRule.SCORE, 20),
                    GuidanceSettings.FREEDOM.withStrength(0.2).withRecurrence(2, new Window(0.2, 0.5)),
                    GuidanceSettings.TFG.withStrength(5).withClean(5, Schedule.INCREASE, 2))) {
                var before = kernel.cost();
                double guided = mean(GuidedKernel.sampler(kernel, new RewardGuidance<>(REWARD, settings)));
                assertTrue(guided > plain + 0.01, settings + ": " + guided + " against " + plain);
                var cost = kernel.cost().minus(before);
                int looks = settings.recurrence().rounds() == 2 ? 7 : 6;
                assertEquals(new Cost(looks * 3L * 2, 0, 0, looks * 3L * 2), cost);
            }
        }
    }

    private static double mean(Kernel<Latents> kernel) {
        try (var run = SmcRun.start(kernel, (step, x) -> REWARD.score(x), SteeringPlan.bestOf(3, 1), Key.of(4))) {
            run.finish();
            return Arrays.stream(run.snapshot().ledger().rewards()).average().orElseThrow();
        }
    }

    @Test
    void guidedParticlesRun() {
        try (var kernel = sampler("ddim", 6, 4)) {
            var das = new RewardGuidance<>(REWARD, GuidanceSettings.DAS.withStrength(20));
            var plan = SteeringPlan.fk(4, 20, ScoringSchedule.from(0, 1));
            try (var run =
                    SmcRun.start(GuidedKernel.proposal(kernel, das), (step, x) -> REWARD.score(x), plan, Key.of(4))) {
                run.finish();
                assertTrue(Double.isFinite(run.snapshot().logEvidence()));
                assertTrue(
                        Arrays.stream(run.snapshot().ledger().rewards()).max().orElseThrow() > mean(kernel));
            }
        }
    }

    @Nested
    class Laws extends KernelLaws<Latents> {
        private DiffusionKernel kernel;

        @Override
        protected Kernel<Latents> kernel() {
            if (kernel == null) {
                kernel = sampler("dpmpp-2m-sde", 3, 2);
                made = Tensor.alive() - alivePreviously;
            }
            return GuidedKernel.proposal(kernel, new RewardGuidance<>(REWARD, GuidanceSettings.DAS.withStrength(5)));
        }

        private final int alivePreviously = Tensor.alive();
        private int made;

        @Override
        protected double[] row(Latents x, int row) {
            try (var one = x.gather(new int[] {row})) {
                return one.sample().toDoubles();
            }
        }

        @Override
        protected int alive() {
            return Tensor.alive() - made;
        }

        @Override
        protected double tolerance() {
            return 1e-3;
        }

        @AfterEach
        void closeKernel() {
            if (kernel != null) {
                kernel.close();
                kernel = null;
                made = 0;
            }
        }
    }
}
