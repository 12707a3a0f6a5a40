// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The reward of a sampler's noise: noise → latents → picture → reward, a micro-batch at a time. */
public final class NoiseObjective implements GradedObjective<Tensor> {
    private final NoiseToLatents sampler;
    private final GradedObjective<Tensor> reward;
    private final int microBatch;
    private long evaluations;
    private long backwardPasses;

    /**
     * @param reward of clean latents, such as {@link LatentReward}
     * @param microBatch rows at a time, at least 1
     */
    public NoiseObjective(NoiseToLatents sampler, GradedObjective<Tensor> reward, int microBatch) {
        this.sampler = sampler;
        this.reward = reward;
        this.microBatch = microBatch;
    }

    /** Of all rows at once, for what values them together. */
    @Override
    public Scores score(Tensor noise) {
        var latents = new ArrayList<Tensor>();
        try (var scope = Scope.open()) {
            for (var rows : parts(noise, microBatch)) {
                latents.add(sampler.apply(rows));
                evaluations += (long) rows.size() * sampler.evaluations();
            }
            return reward.score(Tensor.concat(0, latents.toArray(Tensor[]::new)));
        }
    }

    @Override
    public Graded<Tensor> grade(Tensor noise) {
        var scores = new ArrayList<Scores>();
        var gradients = new ArrayList<Tensor>();
        try (var scope = Scope.open()) {
            for (var rows : parts(noise, microBatch)) {
                try (var tape = sampler.tape(rows);
                        var graded = reward.grade(tape.value())) {
                    scores.add(graded.scores());
                    gradients.add(tape.pull(graded.gradient()));
                    evaluations += (long) rows.size() * sampler.evaluations();
                    backwardPasses += (long) rows.size() * sampler.evaluations();
                }
            }
            return new Graded<>(Scores.concat(scores), scope.keep(Tensor.concat(0, gradients.toArray(Tensor[]::new))));
        }
    }

    private static List<Tensor> parts(Tensor noise, int microBatch) {
        var parts = new ArrayList<Tensor>();
        for (int from = 0; from < noise.size(); from += microBatch) {
            parts.add(noise.rows(from, Math.min(noise.size(), from + microBatch)));
        }
        return parts;
    }

    /** The recomputation that checkpointing needs is part of a backward pass. */
    @Override
    public Cost cost() {
        return new Cost(evaluations, 0, 0, backwardPasses).plus(reward.cost());
    }
}
