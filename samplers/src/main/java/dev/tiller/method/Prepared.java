// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.tensor.Images;
import dev.tiller.weights.SafeTensors;
import java.util.List;
import java.util.Set;

/** A plan whose prompt is encoded and whose reward is built: runs of it can begin. One run at a time. */
public final class Prepared implements AutoCloseable {
    /** What does not touch the model, the prompt or the reward. */
    public static final Set<Option<?>> FREE =
            Set.of(RunPlan.METHOD, RunPlan.PARTICLES, RunPlan.SEED, RunPlan.UNSTEERED, RunPlan.BASELINE);

    private final RunPlan plan;
    private final TextToImage model;
    private final Sampling sampling;
    private final DiffusionKernel sampler;
    private final WeightedReward<Images> reward;
    private final RunManifest manifest;
    private final List<String> remarks;
    private final Stopwatch watch;

    Prepared(
            RunPlan plan,
            TextToImage model,
            Sampling sampling,
            DiffusionKernel sampler,
            WeightedReward<Images> reward,
            RunManifest manifest,
            List<String> remarks,
            Stopwatch watch) {
        this.plan = plan;
        this.model = model;
        this.sampling = sampling;
        this.sampler = sampler;
        this.reward = reward;
        this.manifest = manifest;
        this.remarks = List.copyOf(remarks);
        this.watch = watch;
    }

    public RunPlan plan() {
        return plan;
    }

    public TextToImage model() {
        return model;
    }

    /** Owned by this. */
    public DiffusionKernel sampler() {
        return sampler;
    }

    /** Owned by this. */
    public WeightedReward<Images> reward() {
        return reward;
    }

    /** How to repeat the run. */
    public RunManifest manifest() {
        return manifest;
    }

    /** What the user should know before the run: texts cut short, parts left out. */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * This model, prompt and reward, shared, under a plan that differs in nothing but {@link #FREE} and the methods' options.
     *
     * @throws TillerException if it differs in more
     */
    public Prepared as(RunPlan other) {
        other.method().check(other);
        for (var option : RunPlan.COMMON) {
            if (!FREE.contains(option) && !other.find(option).equals(plan.find(option))) {
                throw new TillerException("The plan has another " + option.name() + " than what was prepared.");
            }
        }
        var own = new RunManifest(
                manifest.prompt(),
                other.get(RunPlan.SEED),
                other.toMap(),
                manifest.weights(),
                manifest.versions(),
                manifest.device());
        return new Prepared(other, model, sampling, sampler, reward, own, remarks, watch);
    }

    /** Begins the run of the plan, its randomness from the plan's seed; the caller closes it. */
    public ResumableRun start(Audience audience) {
        return plan.method().start(this, key(), audience);
    }

    /** Goes on with a run of the plan that was saved. */
    public ResumableRun resume(SafeTensors state, Audience audience) {
        return plan.method().resume(state, this, key(), audience);
    }

    private Key key() {
        return Key.of(plan.get(RunPlan.SEED));
    }

    /** The sampler, timed. */
    Kernel<Latents> kernel() {
        return watch.timed(sampler);
    }

    /** The reward of latents, timed. */
    Objective<Latents> objective(ImageObjective.Viewer pictures) {
        return watch.timed(new ImageObjective(model::decode, reward, model.microBatch(sampling), pictures));
    }

    @Override
    public void close() {
        sampler.close();
        reward.close();
    }
}
