// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Pullback;
import dev.tiller.guide.GuidableKernel;
import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.Guide;
import dev.tiller.guide.Look;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.guide.Stage;
import dev.tiller.run.Cost;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reward of latents in a run that is guided by its gradient and weighs particles by its value (TDS, DAS). At every step but the
 * last both are taken at the same predicted clean latents, so those that were graded are neither decoded nor judged again when they
 * are scored: the value that came with the gradient is theirs. They are known by their numbers; any others are scored as ever.
 */
public final class GradedOnce {
    private final ParticleReward scoredToo;
    private final ParticleReward gradedOnly;
    private final List<byte[]> pictures = new ArrayList<>();
    private int width;
    private int height;
    private @Nullable Remembered last;

    /** @param rgb8 of each row */
    private record Remembered(float[] latents, Scores scores, List<byte[]> rgb8) {}

    /**
     * @param decoder latents N×C×h×w to pictures N×3×H×W in [0, 1]
     * @param microBatch rows at a time, at least 1
     */
    public GradedOnce(Pullback<Tensor, Tensor> decoder, Judges judges, int microBatch) {
        this.scoredToo = new ParticleReward(new LatentReward(decoder, judges, microBatch, this::keep));
        this.gradedOnly = new ParticleReward(
                new LatentReward(decoder, Judges.of(judges.reward()), microBatch, LatentReward.Viewer.NONE));
    }

    private void keep(Tensor latents, Images images) {
        width = images.width();
        height = images.height();
        for (int row = 0; row < images.size(); row++) {
            pictures.add(images.rgb8(row));
        }
    }

    /** Guidance by the reward's gradient. */
    public Guide<Latents> guide(GuidanceSettings settings) {
        var remembering = new RewardGuidance<>(new Remembering(), settings);
        var plain = new RewardGuidance<>(gradedOnly, settings);
        return new Guide<>() {
            @Override
            public int rounds(int step, List<Stage> stages) {
                return plain.rounds(step, stages);
            }

            @Override
            public boolean pulls() {
                return plain.pulls();
            }

            @Override
            public Push<Latents> push(
                    GuidableKernel<Latents> kernel, int step, Latents x, Look<Latents> look, Key key) {
                // At the last step the samples themselves are scored.
                return (step < kernel.steps() - 1 ? remembering : plain).push(kernel, step, x, look, key);
            }

            @Override
            public Cost cost() {
                return scoredToo.cost().plus(gradedOnly.cost());
            }
        };
    }

    private final class Remembering implements GradedObjective<Latents> {
        @Override
        public Scores score(Latents latents) {
            return gradedOnly.score(latents);
        }

        @Override
        public Graded<Latents> grade(Latents latents) {
            last = null;
            try {
                var graded = scoredToo.grade(latents);
                last = new Remembered(numbers(latents), graded.scores(), List.copyOf(pictures));
                return graded;
            } finally {
                pictures.clear();
            }
        }
    }

    /**
     * The reward as a run scores by it.
     *
     * @param others scores what was not graded, and shows its pictures to the same viewer
     * @param viewer sees pictures as in {@link ImageObjective}, rounded to 8 bits
     */
    public Objective<Latents> objective(Objective<Latents> others, ImageObjective.Viewer viewer) {
        return new Objective<>() {
            @Override
            public Scores score(int step, Latents latents) {
                var graded = last;
                last = null;
                if (graded == null || !Arrays.equals(graded.latents(), numbers(latents))) {
                    return others.score(step, latents);
                }
                for (int row = 0; row < graded.rgb8().size(); row++) {
                    try (var one = Images.of(new byte[][] {graded.rgb8().get(row)}, width, height)) {
                        viewer.see(step, row, one, 0);
                    }
                }
                return graded.scores();
            }

            /** Guidance counts by itself. */
            @Override
            public Cost cost() {
                return others.cost();
            }
        };
    }

    private static float[] numbers(Latents latents) {
        try (var scope = Scope.open()) {
            return latents.sample().to(DType.FLOAT32).toFloats();
        }
    }
}
