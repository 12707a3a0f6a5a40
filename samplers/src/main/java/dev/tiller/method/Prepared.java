// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.method.PictureViewer.Pixels;
import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.GradedOnce;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Judges;
import dev.tiller.samplers.LatentReward;
import dev.tiller.samplers.LatentsReward;
import dev.tiller.samplers.Noise;
import dev.tiller.samplers.NoiseObjective;
import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.NoisyLatents;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A plan whose prompt is encoded and whose reward is built: runs of it can begin. One run at a time. */
public final class Prepared implements AutoCloseable {
    /** What does not touch the model, the prompt or the reward. */
    public static final Set<Option<?>> FREE = Set.of(
            RunPlan.METHOD,
            RunPlan.PARTICLES,
            RunPlan.SEED,
            RunPlan.UNSTEERED,
            RunPlan.BASELINE,
            RunPlan.BRANCH_FROM,
            RunPlan.BRANCH_STEP,
            RunPlan.BRANCH_PARTICLE);

    private final RunPlan plan;
    private final TextToImage model;
    private final Sampling sampling;
    private final DiffusionKernel sampler;
    private final Judges judges;
    private final NoiseAware noiseAware;
    private final RunManifest manifest;
    private final List<String> remarks;
    private final Stopwatch watch;
    /** What the rewards keep of populations before the first run. */
    private final Map<String, double[]> fresh;
    /** Noises of steps, once they are asked for; shared with what {@link #as} makes. */
    private final List<Tensor> owned;

    Prepared(
            RunPlan plan,
            TextToImage model,
            Sampling sampling,
            DiffusionKernel sampler,
            Judges judges,
            NoiseAware noiseAware,
            RunManifest manifest,
            List<String> remarks,
            Stopwatch watch,
            Map<String, double[]> fresh,
            List<Tensor> owned) {
        this.plan = plan;
        this.model = model;
        this.sampling = sampling;
        this.sampler = sampler;
        this.judges = judges;
        this.noiseAware = noiseAware;
        this.manifest = manifest;
        this.remarks = remarks;
        this.watch = watch;
        this.fresh = fresh;
        this.owned = owned;
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
        return judges.reward();
    }

    /** The reward of noised latents to guide by, where the plan names one. Owned by this. */
    Optional<WeightedReward<NoisyLatents>> noiseAware() {
        return noiseAware.of(plan);
    }

    /**
     * Weighs parts of the reward anew, or of that of noised latents, from the next look on; the others stay as they are.
     *
     * @param weights finite, by the names of parts
     * @throws TillerException if neither has such a part
     */
    public void reweigh(Map<String, Double> weights) {
        var guiding = new LinkedHashMap<>(weights);
        guiding.keySet().retainAll(noiseAwareParts());
        var others = new LinkedHashMap<>(weights);
        others.keySet().removeAll(guiding.keySet());
        reward().reweigh(others);
        noiseAware().ifPresent(reward -> reward.reweigh(guiding));
    }

    /** The same of weights that were decided in the run that this is a branch of: parts that it does not have are passed over. */
    public void reweighKnown(Map<String, Double> weights) {
        var known = new LinkedHashMap<>(weights);
        known.keySet()
                .removeIf(name -> !noiseAwareParts().contains(name)
                        && reward().parts().stream()
                                .noneMatch(part -> part.name().equals(name)));
        reweigh(known);
    }

    private List<String> noiseAwareParts() {
        return noiseAware().map(WeightedReward::parts).orElse(List.of()).stream()
                .map(WeightedReward.Part::name)
                .toList();
    }

    /** How to repeat the run. */
    public RunManifest manifest() {
        return manifest;
    }

    /** What the user should know: texts cut short, parts left out; rewards may add to it during the run. */
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
        return new Prepared(other, model, sampling, sampler, judges, noiseAware, own, remarks, watch, fresh, owned);
    }

    /** Whether the rewards value pictures by those that they have seen in the run. */
    public boolean remembers() {
        return !fresh.isEmpty();
    }

    /** The rewards forget what they have seen: the next run is as the first. */
    public void forget() {
        judges.remember(fresh);
    }

    /** Adds what the rewards keep of the pictures that they have seen; {@link #remember} reads it. */
    public void saveMemories(SafeTensorsWriter to) {
        Remembering.save(judges, to);
    }

    /**
     * The rewards go on from what was saved, by {@link #saveMemories} or with a run.
     *
     * @throws TillerException if it is of other rewards
     */
    public void remember(SafeTensors saved) {
        judges.remember(Remembering.memories(saved));
    }

    /** Begins the run of the plan, its randomness from the plan's seed; the caller closes it. */
    public ResumableRun start(Audience audience) {
        return new Remembering(plan.method().start(this, key(), audience), judges);
    }

    /**
     * Goes on with a run of the plan that was saved.
     *
     * @throws TillerException if the state is damaged, or of another plan
     */
    public ResumableRun resume(SafeTensors state, Audience audience) {
        remember(state);
        try {
            return new Remembering(plan.method().resume(state, this, key(), audience), judges);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            throw new TillerException(
                    "The saved state " + state.file() + " is damaged (" + e.getMessage()
                            + "); make the run again with --manifest.",
                    e);
        }
    }

    private Key key() {
        return Key.of(plan.get(RunPlan.SEED));
    }

    /** The sampler, timed. */
    Kernel<Latents> kernel() {
        return watch.timed(sampler);
    }

    /** The reward of latents, timed. */
    Objective<Latents> objective(PictureViewer pictures) {
        return watch.timed(decoded(viewer(pictures)));
    }

    /** The same for a run that is guided by its gradient: what was graded is not looked at again. */
    Objective<Latents> objective(GradedOnce graded, PictureViewer pictures) {
        var viewer = viewer(pictures);
        return watch.timed(graded.objective(decoded(viewer), viewer));
    }

    private ImageObjective decoded(ImageObjective.Viewer viewer) {
        return new ImageObjective(model::decode, judges, model.microBatch(sampling), viewer);
    }

    private ImageObjective.Viewer viewer(PictureViewer pictures) {
        int last = sampler.steps() - 1;
        return (step, slot, images, row) -> pictures.see(
                step == last ? Stage.FINAL : Stage.CLEAN,
                step,
                slot,
                new Pixels(images.width(), images.height(), images.rgb8(row)));
    }

    /** @throws TillerException if the reward, or a part of it, has no gradient */
    void requireGradients() {
        for (var part : judges.reward().parts()) {
            if (!part.reward().info().differentiable()) {
                throw new TillerException("The reward " + part.name() + " has no gradient, which the method "
                        + plan.method().name()
                        + " needs; take another reward, or a method that only compares (fk, search).");
            }
        }
    }

    /**
     * @param rows that climb side by side
     * @throws TillerException if what is held out values pictures together, and they come in parts
     */
    void requireHeldOutOf(int rows) {
        for (var part : judges.heldOut().map(WeightedReward::parts).orElse(List.of())) {
            if (rows > gradedRows() && part.reward() instanceof PopulationReward<Images, ?>) {
                throw new TillerException("The held-out reward " + part.name() + " values pictures together, but "
                        + plan.method().name() + " looks at " + gradedRows() + " at a time: take so many particles, a"
                        + " micro-batch of " + 4 * rows + ", or another held-out reward.");
            }
        }
    }

    /** The reward of clean particles, with its gradient. */
    GradedObjective<Latents> graded() {
        requireGradients();
        var reward = new LatentReward(
                model.decoder(Checkpointing.AUTO), Judges.of(judges.reward()), gradedRows(), (latents, images) -> {});
        return new LatentsReward(reward);
    }

    /** The same where particles are weighed by the reward, too: see {@link #objective(GradedOnce, PictureViewer)}. */
    GradedOnce gradedOnce() {
        requireGradients();
        return new GradedOnce(model.decoder(Checkpointing.AUTO), judges, gradedRows());
    }

    /** What is kept for the way back takes several times the memory of the way there. */
    private int gradedRows() {
        return Math.max(1, model.microBatch(sampling) / 4);
    }

    /** Another kernel, timed as the sampler is. */
    Kernel<Latents> timed(Kernel<Latents> kernel) {
        return watch.timed(kernel);
    }

    /** The reward of noise, with its gradient; timed as {@code network}. */
    GradedObjective<Tensor> graded(NoiseToLatents map, LatentReward.Viewer pictures) {
        var reward = new LatentReward(model.decoder(Checkpointing.AUTO), judges, gradedRows(), pictures);
        var objective = new NoiseObjective(map, reward, gradedRows());
        boolean free = plan.get(RunPlan.THREADS) == 0;
        return watch.timed(
                free && model.isLight(sampling.width(), sampling.height()) ? new OneCore<>(objective) : objective);
    }

    /**
     * Standard normal noise, n rows on the model's device: that of the start as the plan wants it, and behind it in longer rows that
     * of later steps. The caller closes it.
     */
    Tensor startNoise(int n, Key key, long[] rowShape) {
        try (var scope = Scope.open()) {
            var noise = sampling.noise().forFirst((int) sampler.rowShape()[0]);
            return scope.keep(noise.rows(n, key, rowShape).to(model.device()));
        }
    }

    /** The noises of the steps that draw some, for one row; owned by this. */
    List<Tensor> stepNoises(Key key) {
        var noises = new ArrayList<Tensor>();
        for (int step = 0; step < sampler.steps(); step++) {
            if (sampler.scheduler().step(step).next().stochastic()) {
                try (var scope = Scope.open()) {
                    var noise = Noise.KEYED.rows(1, key.at(1).at(step), sampler.rowShape());
                    noises.add(scope.keep(noise.to(model.device())));
                }
            }
        }
        owned.addAll(noises);
        return noises;
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        noiseAware.close();
        sampler.close();
        judges.close();
    }
}
