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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The reward of clean latents, with its gradient: they are decoded, and a reward looks at the pictures; a micro-batch at a time, so
 * that memory does not grow with their number. Judges that value pictures together see those of one call as the population.
 */
public final class LatentReward implements GradedObjective<Tensor> {
    private final Pullback<Tensor, Tensor> decoder;
    private final Judges judges;
    private final int microBatch;
    private final Viewer viewer;
    private final Spending spending;

    /** Sees latents and their decoded pictures on their way. */
    @FunctionalInterface
    public interface Viewer {
        /** Looks away. */
        Viewer NONE = (latents, images) -> {};

        /**
         * @param latents N×C×h×w, valid during the call only
         * @param images theirs, valid during the call only
         */
        void see(Tensor latents, Images images);
    }

    /**
     * @param decoder latents N×C×h×w to pictures N×3×H×W in [0, 1]
     * @param microBatch rows at a time, at least 1
     */
    public LatentReward(Pullback<Tensor, Tensor> decoder, Judges judges, int microBatch, Viewer viewer) {
        this.decoder = decoder;
        this.judges = judges;
        this.microBatch = microBatch;
        this.spending = new Spending(judges);
        this.viewer = viewer;
    }

    @Override
    public Scores score(Tensor latents) {
        return spending.count(() -> {
            var scoring = judges.scoring();
            for (int from = 0; from < latents.size(); from += microBatch) {
                try (var rows = rows(latents, from);
                        var images = new Images(decoder.apply(rows))) {
                    scoring.add(seen(rows, images));
                }
            }
            return scoring.scores();
        });
    }

    /** @throws dev.tiller.run.TillerException if the reward has no gradient */
    @Override
    public Graded<Tensor> grade(Tensor latents) {
        return spending.count(() -> graded(latents));
    }

    private Graded<Tensor> graded(Tensor latents) {
        var heldOut = judges.heldOut().map(WeightedReward::scoring);
        var said = new ArrayList<Scores>();
        var gradients = new ArrayList<Tensor>();
        try (var scope = Scope.open()) {
            for (int from = 0; from < latents.size(); from += microBatch) {
                try (var rows = rows(latents, from);
                        var tape = decoder.tape(rows)) {
                    var images = seen(rows, new Images(tape.value()));
                    var graded = judges.reward().grade(images, LatentReward::sum);
                    try (var gradient = graded.gradient()) {
                        heldOut.ifPresent(judge -> judge.add(images));
                        said.add(new Scores(
                                graded.scores().total(), graded.scores().parts()));
                        gradients.add(tape.pull(gradient.tensor()));
                    }
                }
            }
            var all = Scores.concat(said);
            var scores = new Scores(
                    all.total(),
                    all.parts(),
                    heldOut.map(judge -> judge.scores().parts()).orElse(Map.of()));
            return new Graded<>(scores, scope.keep(Tensor.concat(0, gradients.toArray(Tensor[]::new))));
        }
    }

    private Tensor rows(Tensor latents, int from) {
        return latents.rows(from, Math.min(latents.size(), from + microBatch));
    }

    private Images seen(Tensor latents, Images images) {
        spending.decoded(images.size());
        viewer.see(latents, images);
        return images;
    }

    private static Images sum(List<Double> weights, List<Images> gradients) {
        return new Images(
                weightedSum(weights, gradients.stream().map(Images::tensor).toList()));
    }

    /** Σ wᵢ gᵢ; the gradients are closed. */
    static Tensor weightedSum(List<Double> weights, List<Tensor> gradients) {
        try (var scope = Scope.open()) {
            Tensor sum = null;
            for (int i = 0; i < weights.size(); i++) {
                var term = scope.adopt(gradients.get(i)).times(weights.get(i));
                sum = sum == null ? term : sum.plus(term);
            }
            return scope.keep(Objects.requireNonNull(sum));
        }
    }

    /** What this has asked of the judges, and not what others have. */
    @Override
    public Cost cost() {
        return spending.cost();
    }
}
