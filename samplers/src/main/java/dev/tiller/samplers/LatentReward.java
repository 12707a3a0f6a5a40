// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Pullback;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.List;

/** The reward of clean latents, with its gradient: they are decoded, and a reward looks at the pictures. */
public final class LatentReward implements GradedObjective<Tensor> {
    private final Pullback<Tensor, Tensor> decoder;
    private final WeightedReward<Images> reward;
    private final Viewer viewer;
    private long decodes;

    /** Sees decoded pictures on their way. */
    @FunctionalInterface
    public interface Viewer {
        /** @param images valid during the call only */
        void see(Images images);
    }

    /**
     * @param decoder latents N×C×h×w to pictures N×3×H×W in [0, 1]
     * @param reward kept by the caller
     */
    public LatentReward(Pullback<Tensor, Tensor> decoder, WeightedReward<Images> reward, Viewer viewer) {
        this.decoder = decoder;
        this.reward = reward;
        this.viewer = viewer;
    }

    @Override
    public Scores score(Tensor latents) {
        try (var images = new Images(decoder.apply(latents))) {
            return scores(reward.scores(seen(images)));
        }
    }

    /** @throws dev.tiller.run.TillerException if the reward has no gradient */
    @Override
    public Graded<Tensor> grade(Tensor latents) {
        try (var tape = decoder.tape(latents)) {
            var graded = reward.grade(seen(new Images(tape.value())), LatentReward::sum);
            try (var gradient = graded.gradient()) {
                return new Graded<>(scores(graded.scores()), tape.pull(gradient.tensor()));
            }
        }
    }

    private Images seen(Images images) {
        decodes += images.size();
        viewer.see(images);
        return images;
    }

    private static Scores scores(WeightedReward.Scores scores) {
        return new Scores(scores.total(), scores.parts());
    }

    private static Images sum(List<Double> weights, List<Images> gradients) {
        try (var scope = Scope.open()) {
            Tensor sum = null;
            for (int i = 0; i < weights.size(); i++) {
                var term = scope.adopt(gradients.get(i).tensor()).times(weights.get(i));
                sum = sum == null ? term : sum.plus(term);
            }
            return new Images(scope.keep(java.util.Objects.requireNonNull(sum)));
        }
    }

    @Override
    public Cost cost() {
        return new Cost(0, decodes, reward.calls(), 0);
    }
}
