// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.Guide;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Guided particles of the embedded model: what is graded is looked at once. */
class GradedOnceTest {
    private static final Path MODEL = Path.of("src/main/resources/models/scenes-v1");
    private static final int PARTICLES = 3;
    private static final int STEPS = 5;
    private static TextToImage model;

    @BeforeAll
    static void load() {
        model = TextToImage.load(MODEL, DType.FLOAT32, Device.CPU);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** How red a picture is. */
    private static final class Red implements DifferentiableReward<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("red", "how red", "0 to 1", true, false);
        }

        @Override
        public double[] score(Images images) {
            try (var scope = Scope.open()) {
                return images.tensor().slice(1, 0, 1).mean(1, 2, 3).toDoubles();
            }
        }

        @Override
        public DifferentiableReward.Graded<Images> grade(Images images) {
            try (var scope = Scope.open()) {
                var ones = images.tensor().slice(1, 0, 1).times(0).plus(1);
                var zeros = ones.times(0);
                var mask = Tensor.concat(1, ones, zeros, zeros).dividedBy((double) images.width() * images.height());
                return new DifferentiableReward.Graded<>(score(images), new Images(scope.keep(mask)));
            }
        }
    }

    /** What a run came to, and what it used. */
    private record Result(double[] rewards, double logEvidence, List<String> seen, List<double[]> scored, Cost cost) {}

    private static DiffusionKernel sampler() {
        return model.sampler(new Sampling(
                "a photo of a red circle",
                "",
                STEPS,
                ClassifierFreeGuidance.of(2),
                1,
                "ddim",
                0,
                0,
                0,
                null,
                Noise.KEYED,
                2));
    }

    /** Both ways share one reward and one held out, as runs do. */
    private static Result run(boolean once) {
        var seen = new ArrayList<String>();
        var scored = new ArrayList<double[]>();
        try (var kernel = sampler();
                var reward = WeightedReward.of(new Red());
                var heldOut = WeightedReward.of(new Red())) {
            var judges = new Judges(reward, Optional.of(heldOut));
            ImageObjective.Viewer viewer =
                    (step, slot, images, row) -> seen.add(step + " " + slot + " " + Arrays.hashCode(images.rgb8(row)));
            Objective<Latents> objective = new ImageObjective(model::decode, judges, 2, viewer);
            var settings = GuidanceSettings.DAS.withStrength(20);
            Guide<Latents> das;
            if (once) {
                var shared = new GradedOnce(model.decoder(Checkpointing.ON), judges, 2);
                das = shared.guide(settings);
                objective = shared.objective(objective, viewer);
            } else {
                var graded = new LatentReward(
                        model.decoder(Checkpointing.ON), Judges.of(reward), 2, LatentReward.Viewer.NONE);
                das = new RewardGuidance<>(new ParticleReward(graded), settings);
            }
            var plan = SteeringPlan.fk(PARTICLES, 20, ScoringSchedule.from(0, 1));
            try (var run = SmcRun.start(
                    GuidedKernel.proposal(kernel, das),
                    objective,
                    plan,
                    Key.of(4),
                    new RunManifest("", 4, Map.of(), List.of(), Map.of(), "cpu"),
                    event -> {
                        if (event instanceof RunEvent.HeldOut held) {
                            scored.addAll(held.rewards().values());
                        }
                    })) {
                run.finish();
                var ledger = run.snapshot().ledger();
                return new Result(
                        ledger.rewards(),
                        run.snapshot().logEvidence(),
                        seen,
                        scored,
                        run.snapshot().cost());
            }
        }
    }

    /**
     * Counted: each step decodes and judges each particle once and not twice, but for the last, whose samples are no longer those that
     * it was guided at. Everything else is the same.
     */
    @Test
    void whatIsGradedIsNotLookedAtAgain() {
        var once = run(true);
        var twice = run(false);
        assertEquals(PARTICLES * (STEPS + 1), once.cost().decodes());
        assertEquals(PARTICLES * 2 * STEPS, twice.cost().decodes());
        // What is held out looks at what is scored and at nothing else.
        assertEquals(PARTICLES * (STEPS + 1 + STEPS), once.cost().rewardCalls());
        assertEquals(PARTICLES * (2 * STEPS + STEPS), twice.cost().rewardCalls());
        assertEquals(twice.cost().networkEvaluations(), once.cost().networkEvaluations());
        assertEquals(twice.cost().backwardPasses(), once.cost().backwardPasses());
        assertArrayEquals(twice.rewards(), once.rewards(), 1e-4);
        assertEquals(twice.logEvidence(), once.logEvidence(), 1e-3);
        assertEquals(PARTICLES * STEPS, once.seen().size());
        assertEquals(where(twice.seen()), where(once.seen()));
        assertEquals(STEPS, once.scored().size());
        for (int step = 0; step < STEPS; step++) {
            assertArrayEquals(twice.scored().get(step), once.scored().get(step), 1e-4);
        }
    }

    private static List<String> where(List<String> seen) {
        return seen.stream().map(s -> s.substring(0, s.lastIndexOf(' '))).toList();
    }

    /** Other latents, fewer of them, or the same a second time: there is nothing to be remembered. */
    @Test
    void onlyTheSameLatentsAreKnown() {
        try (var reward = WeightedReward.of(new Red());
                var kernel = sampler()) {
            var shared = new GradedOnce(model.decoder(Checkpointing.ON), Judges.of(reward), 2);
            var asked = new ArrayList<Integer>();
            var objective = shared.objective(
                    (step, latents) -> {
                        asked.add(step);
                        return Scores.of(new double[latents.size()]);
                    },
                    ImageObjective.Viewer.NONE);
            var guided = GuidedKernel.proposal(kernel, shared.guide(GuidanceSettings.DAS.withStrength(20)));
            try (var start = kernel.start(2, Key.of(1));
                    var move = guided.move(0, start, Key.of(2))) {
                assertTrue(objective.score(0, move.clean()).total()[0] > 0);
                assertEquals(List.of(), asked);
                assertEquals(0, objective.score(1, move.clean()).total()[0]);
                assertEquals(List.of(1), asked);
                guided.move(0, start, Key.of(2)).close();
                objective.score(2, move.next());
                assertEquals(List.of(1, 2), asked);
                guided.move(0, start, Key.of(2)).close();
                try (var one = move.clean().gather(new int[] {0})) {
                    assertEquals(1, objective.score(3, one).total().length);
                }
                assertEquals(List.of(1, 2, 3), asked);
                guided.move(STEPS - 1, move.next(), Key.of(3)).close();
                assertEquals(0, objective.score(4, move.clean()).total()[0]);
                assertEquals(List.of(1, 2, 3, 4), asked);
            }
        }
    }
}
