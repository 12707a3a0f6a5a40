// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.TillerException;
import dev.tiller.run.Version;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.Judges;
import dev.tiller.samplers.Noise;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.NoisyLatents;
import dev.tiller.weights.ModelLocator;
import dev.tiller.weights.Sha256;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A model and the catalogue of rewards, ready for many plans, one after another: the weights are read once, and a plan's
 * prompt is encoded when it is prepared.
 */
public final class LoadedModel implements AutoCloseable {
    /** Draws noise by the plan's eta, from any checkpoint's training noise. */
    private static final String NOISY = "ddim";
    /** More than machines have processors; a library that cannot start its threads ends the process. */
    private static final int MOST_THREADS = 1024;

    private final String name;
    private final DType dtype;
    private final Device device;
    private final TextToImage model;
    private final ModelLocator models;
    private final RewardCatalogue<Images> rewards;
    private final Stopwatch watch;
    private final Map<Path, WeightFile> hashes = new HashMap<>();
    /** {@link #keepNoiseAware}. */
    private final List<NoiseAware> kept = new ArrayList<>();

    private LoadedModel(
            String name,
            DType dtype,
            Device device,
            TextToImage model,
            ModelLocator models,
            RewardCatalogue<Images> rewards,
            Stopwatch watch) {
        this.name = name;
        this.dtype = dtype;
        this.device = device;
        this.model = model;
        this.models = models;
        this.rewards = rewards;
        this.watch = watch;
    }

    /**
     * Loads the model that a plan names. The rest of the plan is checked first, so that nobody waits for a plan that cannot
     * be.
     *
     * @throws TillerException if the plan cannot be, or the model will not load
     */
    public static LoadedModel load(RunPlan plan, ModelLocator models, RewardCatalogue<Images> rewards) {
        check(plan, rewards);
        var watch = new Stopwatch();
        if (plan.get(RunPlan.THREADS) > 0) {
            Engine.setThreads(plan.get(RunPlan.THREADS));
        }
        var dtype = dtype(plan);
        var device = watch.time("load", () -> Engine.require(Device.parse(plan.get(RunPlan.DEVICE))));
        var name = plan.get(RunPlan.MODEL);
        var folder = watch.time("load", () -> models.locate(name));
        Sha256.ahead(() -> TextToImage.weightFiles(folder));
        var model = watch.time("load", () -> TextToImage.load(folder, dtype, device));
        return new LoadedModel(name, dtype, device, model, models, rewards, watch);
    }

    /**
     * Refuses a plan that cannot be, before anything is loaded.
     *
     * @throws TillerException saying why
     */
    public static void check(RunPlan plan, RewardCatalogue<Images> rewards) {
        for (var counted : List.of(RunPlan.THREADS, RunPlan.UNSTEERED)) {
            if (plan.get(counted) < 0) {
                throw new TillerException(
                        "'" + counted.name() + "' must be at least 0, not " + plan.get(counted) + ".");
            }
        }
        if (plan.get(RunPlan.THREADS) > MOST_THREADS) {
            throw new TillerException(
                    "'threads' must be at most " + MOST_THREADS + ", not " + plan.get(RunPlan.THREADS) + ".");
        }
        sampling(plan);
        plan.method().check(plan);
        rewards.check(RewardExpression.parse(plan.get(RunPlan.REWARD)));
        NoiseAware.named(plan).ifPresent(RewardCatalogue.load(NoisyLatents.class)::check);
        if (!plan.get(RunPlan.HOLD_OUT).isEmpty()) {
            rewards.check(RewardExpression.parse(plan.get(RunPlan.HOLD_OUT)));
        }
    }

    private static DType dtype(RunPlan plan) {
        var dtype = DType.parse(plan.get(RunPlan.DTYPE));
        if (dtype == DType.FLOAT64) {
            throw new TillerException("Models run in float32, bfloat16 or float16, not in float64.");
        }
        if (dtype == DType.FLOAT16 && Device.parse(plan.get(RunPlan.DEVICE)).isCpu()) {
            throw new TillerException("float16 is for CUDA; on the CPU use float32 or bfloat16.");
        }
        return dtype;
    }

    /** The model; owned by this. */
    public TextToImage model() {
        return model;
    }

    /**
     * Keeps loaded, until this is closed, what the plan's reward of noised latents shares with those of other prompts; else each
     * prompt that is prepared after another was closed loads it anew. Does nothing for a plan without such a reward.
     *
     * @throws TillerException if the reward will not load
     */
    public void keepNoiseAware(RunPlan plan) {
        var reward = new NoiseAware(request(plan, new LinkedHashSet<>(), new ArrayList<>()));
        if (watch.time("load", () -> reward.of(plan))
                .filter(WeightedReward::shares)
                .isPresent()) {
            kept.add(reward);
        } else {
            reward.close();
        }
    }

    /** Where the time went since this was loaded. */
    public Stopwatch watch() {
        return watch;
    }

    /**
     * Encodes the prompt and builds the reward of a plan; the caller closes it, before this.
     *
     * @throws TillerException if the plan cannot be, or is of another model, dtype or device
     */
    public Prepared prepare(RunPlan plan) {
        check(plan, rewards);
        if (!plan.get(RunPlan.MODEL).equals(name)
                || dtype(plan) != dtype
                || !Device.parse(plan.get(RunPlan.DEVICE)).equals(device)) {
            throw new TillerException("The model " + name + " is loaded in " + dtype + " on " + device
                    + "; the plan asks for " + plan.get(RunPlan.MODEL) + " in " + dtype(plan) + " on "
                    + plan.get(RunPlan.DEVICE) + ".");
        }
        // Rewards go on adding to it during the run.
        List<String> remarks = new CopyOnWriteArrayList<>(model.remarks());
        Set<Path> located = new LinkedHashSet<>();
        var request = request(plan, located, remarks);
        var judges = watch.time("load", () -> judges(plan, request));
        var noiseAware = new NoiseAware(request);
        try {
            // Now, so that the manifest names its weights.
            watch.time("load", () -> noiseAware.of(plan));
            var sampling = withNoise(sampling(plan), plan.method(), remarks);
            var sampler = watch.time("text", () -> model.sampler(sampling));
            remarks.addAll(model.textEncoder().remarks(sampling.prompt(), sampling.negative()));
            var manifest = watch.time("load", () -> manifest(plan, located));
            return new Prepared(
                    plan,
                    model,
                    sampling,
                    sampler,
                    judges,
                    noiseAware,
                    manifest,
                    remarks,
                    watch,
                    judges.memories(),
                    new ArrayList<>());
        } catch (RuntimeException | Error e) {
            judges.close();
            noiseAware.close();
            throw e;
        }
    }

    private RewardRequest request(RunPlan plan, Set<Path> located, List<String> remarks) {
        return new RewardRequest(
                plan.get(RunPlan.PROMPT),
                Map.of(),
                wanted -> {
                    var folder = models.locate(wanted);
                    if (located.add(folder)) {
                        remark(wanted).ifPresent(remarks::add);
                    }
                    Sha256.ahead(() -> WeightFiles.in(folder).files());
                    return folder;
                },
                plan.get(RunPlan.DEVICE),
                remarks::add);
    }

    /** What the user should know of a reward's model: embedded ones have seen no pictures but of the embedded world. */
    private Optional<String> remark(String ofReward) {
        var embedded = models.embeddedNames();
        return embedded.contains(ofReward) && !embedded.contains(name)
                ? Optional.of("The reward looks through the embedded " + ofReward
                        + ", which knows the pictures of the embedded models alone; name another, as in"
                        + " clip(model=openai/clip-vit-large-patch14).")
                : Optional.empty();
    }

    private Judges judges(RunPlan plan, RewardRequest request) {
        var reward = rewards.create(RewardExpression.parse(plan.get(RunPlan.REWARD)), request);
        try {
            var heldOut = plan.get(RunPlan.HOLD_OUT);
            return new Judges(
                    reward,
                    heldOut.isEmpty()
                            ? Optional.empty()
                            : Optional.of(rewards.create(RewardExpression.parse(heldOut), request)));
        } catch (RuntimeException | Error e) {
            reward.close();
            throw e;
        }
    }

    private static Sampling sampling(RunPlan plan) {
        var scheduler = plan.get(RunPlan.SCHEDULER);
        return new Sampling(
                plan.get(RunPlan.PROMPT),
                plan.get(RunPlan.NEGATIVE),
                plan.get(RunPlan.STEPS),
                ClassifierFreeGuidance.of(plan.get(RunPlan.GUIDANCE)),
                plan.get(RunPlan.ETA),
                scheduler.isEmpty() ? null : scheduler,
                plan.get(RunPlan.WIDTH),
                plan.get(RunPlan.HEIGHT),
                0,
                null,
                plan.find(RunPlan.TORCH_SEED).map(Noise::torch).orElse(Noise.KEYED),
                plan.get(RunPlan.MICRO_BATCH));
    }

    /**
     * Where nobody chose a scheduler, the checkpoint's own draws no noise and the method needs some, that of DDIM with the plan's eta:
     * what published checkpoints name, such as PNDM or Euler, is deterministic.
     */
    private Sampling withNoise(Sampling sampling, Method method, List<String> remarks) {
        var own = model.scheduler();
        if (sampling.scheduler() != null
                || sampling.steps() == 1 // which is the last, and draws none under any scheduler
                || !method.needs().contains(Method.Need.STOCHASTIC_SAMPLER)
                || own.canDrawNoise(sampling.steps())) {
            return sampling;
        }
        remarks.add("The checkpoint's own scheduler, " + own.className() + ", draws no noise, which " + method.name()
                + " needs; " + NOISY + " is used instead (--scheduler names another).");
        return sampling.withScheduler(NOISY);
    }

    private RunManifest manifest(RunPlan plan, Set<Path> rewardFolders) {
        var files = new ArrayList<WeightFile>();
        for (var file : model.weightFiles()) {
            files.add(weightFile(model.folder(), file));
        }
        for (var folder : rewardFolders) {
            for (var file : WeightFiles.in(folder).files()) {
                files.add(weightFile(folder, file));
            }
        }
        var versions = new TreeMap<String, String>();
        versions.put("tiller", Version.TILLER);
        versions.put("libtorch", Engine.version() + " " + Engine.flavour());
        versions.put("java", Runtime.version().toString());
        versions.put("threads", Integer.toString(Engine.threads()));
        return new RunManifest(
                plan.get(RunPlan.PROMPT),
                plan.get(RunPlan.SEED),
                plan.toMap(),
                files,
                versions,
                plan.get(RunPlan.DEVICE));
    }

    /** Hashed once, however many plans there are. */
    private WeightFile weightFile(Path folder, Path file) {
        return hashes.computeIfAbsent(file, f -> {
            try {
                var name = (folder.getFileName() + "/" + folder.relativize(f)).replace('\\', '/');
                return new WeightFile(name, Files.size(f), Sha256.of(f));
            } catch (IOException e) {
                throw new TillerException("Cannot read " + f + ": " + e.getMessage() + ".", e);
            }
        });
    }

    @Override
    public void close() {
        kept.forEach(NoiseAware::close);
        model.close();
    }
}
