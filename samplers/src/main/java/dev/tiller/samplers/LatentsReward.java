// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.run.Cost;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The reward of predicted clean particles, for guidance: that of their samples, a micro-batch at a time.
 *
 * @param reward such as {@link LatentReward}; kept by the caller
 * @param microBatch rows at a time, at least 1
 */
public record LatentsReward(GradedObjective<Tensor> reward, int microBatch) implements GradedObjective<Latents> {
    @Override
    public Scores score(Latents latents) {
        try (var scope = Scope.open()) {
            return Scores.concat(NoiseObjective.parts(latents.sample(), microBatch).stream()
                    .map(reward::score)
                    .toList());
        }
    }

    @Override
    public Graded<Latents> grade(Latents latents) {
        var scores = new ArrayList<Scores>();
        var gradients = new ArrayList<Tensor>();
        try (var scope = Scope.open()) {
            for (var rows : NoiseObjective.parts(latents.sample(), microBatch)) {
                var graded = reward.grade(rows);
                scores.add(graded.scores());
                gradients.add(graded.gradient());
            }
            var gradient = scope.keep(Tensor.concat(0, gradients.toArray(Tensor[]::new)));
            return new Graded<>(Scores.concat(scores), new Latents(gradient, List.of()));
        }
    }

    @Override
    public Cost cost() {
        return reward.cost();
    }
}
