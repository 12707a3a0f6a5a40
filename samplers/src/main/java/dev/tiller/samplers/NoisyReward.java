// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective.Graded;
import dev.tiller.guide.Level;
import dev.tiller.guide.Look;
import dev.tiller.guide.NoiseAwareReward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.NoisyLatents;
import java.util.List;

/**
 * Rewards of noised latents as guidance asks for them; the denoising network is not pulled back through.
 *
 * @param reward kept by the caller
 */
public record NoisyReward(WeightedReward<NoisyLatents> reward) implements NoiseAwareReward<Latents> {
    @Override
    public Graded<Latents> grade(Level level, Latents x, Look<Latents> look) {
        var graded = reward.grade(new NoisyLatents(x.sample(), level.alpha(), level.sigma()), this::sum);
        var scores = new Scores(graded.scores().total(), graded.scores().parts());
        return new Graded<>(scores, new Latents(graded.gradient().tensor(), List.of()));
    }

    private NoisyLatents sum(List<Double> weights, List<NoisyLatents> gradients) {
        var first = gradients.get(0);
        return new NoisyLatents(
                LatentReward.weightedSum(
                        weights, gradients.stream().map(NoisyLatents::tensor).toList()),
                first.alpha(),
                first.sigma());
    }

    @Override
    public Cost cost() {
        return reward.cost();
    }
}
