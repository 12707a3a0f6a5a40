// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.run.Cost;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Tensor;
import java.util.List;

/**
 * The reward of particles, for guidance: that of their samples, whatever their solver remembers.
 *
 * @param reward of latents N×C×h×w, such as {@link LatentReward}; kept by the caller
 */
public record ParticleReward(GradedObjective<Tensor> reward) implements GradedObjective<Latents> {
    @Override
    public Scores score(Latents latents) {
        return reward.score(latents.sample());
    }

    @Override
    public Graded<Latents> grade(Latents latents) {
        var graded = reward.grade(latents.sample());
        return new Graded<>(graded.scores(), new Latents(graded.gradient(), List.of()));
    }

    @Override
    public Cost cost() {
        return reward.cost();
    }
}
