// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.record.ContactSheet;
import dev.tiller.record.EventLog;
import dev.tiller.record.GenerationParameters;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Key;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.RunReport;
import dev.tiller.weights.ModelLocator;
import dev.tiller.weights.Sha256;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One {@code tiller run}: model and reward loaded, the particles steered, everything written into a folder. */
final class SteerSession implements AutoCloseable {
    /** A run saves its state at most so often, so that a kill loses little and saving costs little. */
    private static final long SAVE_EVERY_NANOS = 5_000_000_000L;

    private static final String STEERING = "steering";
    private static final String STATE = "state.safetensors";
    private static final String EVENTS = "events.jsonl";
    private final RunPlan plan;
    private final TextToImage model;
    private final WeightedReward<Images> reward;
    private final DiffusionKernel sampler;
    private final Device device;
    private final Stopwatch watch;
    private final RunManifest manifest;
    private final List<String> remarks;

    private SteerSession(
            RunPlan plan,
            TextToImage model,
            WeightedReward<Images> reward,
            DiffusionKernel sampler,
            Device device,
            Stopwatch watch,
            RunManifest manifest,
            List<String> remarks) {
        this.plan = plan;
        this.model = model;
        this.reward = reward;
        this.sampler = sampler;
        this.device = device;
        this.watch = watch;
        this.manifest = manifest;
        this.remarks = remarks;
    }

    /** Hears of a run while it goes on. */
    interface Progress {
        Progress NONE = (what, report) -> {};

        /** @param what {@code steering} or {@code comparing} */
        void step(String what, StepReport report);
    }

    /**
     * What a run came to.
     *
     * @param completed false if it was stopped
     * @param pictures the final pictures in {@code folder}, best first
     * @param rewards theirs
     * @param seconds where the time went
     */
    record Result(
            Path folder,
            boolean completed,
            List<Path> pictures,
            double[] rewards,
            Cost cost,
            double logEvidence,
            Map<String, Double> seconds) {}

    /** Loads everything that the plan asks for; nothing is written yet. */
    static SteerSession open(RunPlan plan, ModelLocator models, RewardCatalogue<Images> rewards) {
        var watch = new Stopwatch();
        // A plan that cannot be is refused before anything is loaded.
        Plans.steering(plan);
        var expression = RewardExpression.parse(plan.reward());
        rewards.check(expression);
        if (plan.threads() > 0) {
            Engine.setThreads(plan.threads());
        }
        var device = watch.time("load", () -> Engine.require(Device.parse(plan.device())));
        var dtype = Plans.dtype(plan);
        var remarks = new ArrayList<String>();
        Set<Path> located = new LinkedHashSet<>();
        var model = watch.time("load", () -> TextToImage.load(models.locate(plan.model()), dtype, device));
        WeightedReward<Images> reward = null;
        try {
            remarks.addAll(model.remarks());
            reward = watch.time(
                    "load",
                    () -> rewards.create(
                            expression,
                            new RewardRequest(
                                    plan.prompt(),
                                    Map.of(),
                                    name -> {
                                        var folder = models.locate(name);
                                        located.add(folder);
                                        return folder;
                                    },
                                    plan.device(),
                                    remarks::add)));
            var sampler = watch.time("text", () -> model.sampler(Plans.sampling(plan)));
            remarks.addAll(model.textEncoder().remarks(plan.prompt(), plan.negative()));
            var manifest = watch.time("load", () -> manifest(plan, model, located));
            return new SteerSession(plan, model, reward, sampler, device, watch, manifest, remarks);
        } catch (RuntimeException | Error e) {
            if (reward != null) {
                reward.close();
            }
            model.close();
            throw e;
        }
    }

    private static RunManifest manifest(RunPlan plan, TextToImage model, Set<Path> rewardFolders) {
        var files = new ArrayList<WeightFile>();
        for (var file : model.weightFiles()) {
            files.add(weightFile(
                    model.folder().getFileName() + "/" + model.folder().relativize(file), file));
        }
        for (var folder : rewardFolders) {
            for (var file : WeightFiles.in(folder).files()) {
                files.add(weightFile(folder.getFileName() + "/" + folder.relativize(file), file));
            }
        }
        var versions = new TreeMap<String, String>();
        versions.put("tiller", Version.TILLER);
        versions.put("libtorch", Engine.version() + " " + Engine.flavour());
        versions.put("java", Runtime.version().toString());
        versions.put("threads", Integer.toString(Engine.threads()));
        return new RunManifest(plan.prompt(), plan.seed(), plan.toMap(), files, versions, plan.device());
    }

    private static WeightFile weightFile(String name, Path file) {
        try {
            return new WeightFile(name.replace('\\', '/'), Files.size(file), Sha256.of(file));
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
    }

    /** What the user should know before the run: texts cut short, parts left out. */
    List<String> remarks() {
        return remarks;
    }

    RunManifest manifest() {
        return manifest;
    }

    /** Makes the run in an empty folder. */
    Result run(RunFolder folder, Progress progress, BooleanSupplier stopped) {
        folder.write("manifest.json", ManifestFile.of(manifest).toJson());
        try {
            var steered = steer(folder, STEERING, Plans.steering(plan), false, progress, stopped);
            return finish(folder, steered, progress, stopped);
        } catch (TillerException e) {
            // A plan that the engine refused has left nothing worth keeping, and must not stand in the next one's way.
            if (!Files.exists(folder.resolve(EVENTS))
                    || EventLog.replay(folder.resolve(EVENTS), event -> {}).events() == 0) {
                folder.clear();
            }
            throw e;
        }
    }

    /** Goes on with a run that was stopped or killed. */
    Result resume(RunFolder folder, Progress progress, BooleanSupplier stopped) {
        folder.removeDrafts();
        boolean saved = Files.exists(folder.resolve(STATE));
        var steered = steer(folder, STEERING, Plans.steering(plan), saved, progress, stopped);
        return finish(folder, steered, progress, stopped);
    }

    /** A run's history, and its final pictures by slot. */
    private record Steered(
            RunHistory history,
            RunFolder folder,
            Map<Integer, Picture> pictures,
            RunEvent.@Nullable Scored lastScores,
            boolean completed) {}

    private Steered steer(
            RunFolder folder,
            String what,
            SteeringPlan steering,
            boolean resume,
            Progress progress,
            BooleanSupplier stopped) {
        var history = new RunHistory();
        var state = resume ? SnapshotFile.read(folder.resolve(STATE), device) : null;
        try (var log = open(folder, state, history)) {
            var scores = new AtomicReference<RunEvent.@Nullable Scored>();
            RunListener both = event -> {
                log.on(event);
                history.on(event);
                if (event instanceof RunEvent.Scored scored) {
                    scores.set(scored);
                }
            };
            var pictures = new RunPictures(folder, both, sampler.steps());
            var objective = watch.timed(
                    new ImageObjective(model::decode, reward, model.microBatch(Plans.sampling(plan)), pictures));
            var kernel = watch.timed(sampler);
            var key = Key.of(plan.seed());
            try (var run = state == null
                    ? SmcRun.start(kernel, objective, steering, key, manifest, both)
                    : SmcRun.resume(state.snapshot(), kernel, objective, steering, key, both)) {
                watch.time(what, () -> {
                    drive(run, folder, log, report -> progress.step(what, report), stopped);
                    return run;
                });
                if (what.equals(STEERING)) {
                    watch.share("engine", what, "network", "reward");
                }
                boolean completed = !run.hasNext();
                if (completed) {
                    delete(folder.resolve(STATE));
                } else {
                    new SnapshotFile(run.snapshot(), log.position()).write(folder.resolve(STATE));
                }
                return new Steered(history, folder, pictures.finals(), scores.get(), completed);
            }
        } finally {
            if (state != null) {
                state.snapshot().close();
            }
        }
    }

    private static EventLog open(RunFolder folder, @Nullable SnapshotFile state, RunListener history) {
        var file = folder.resolve(EVENTS);
        if (state == null) {
            delete(file);
            return EventLog.create(file);
        }
        var log = EventLog.resume(file, state.logPosition());
        EventLog.replay(file, history);
        return log;
    }

    private static void drive(
            SmcRun<Latents> run,
            RunFolder folder,
            EventLog log,
            Consumer<StepReport> progress,
            BooleanSupplier stopped) {
        long saved = System.nanoTime();
        while (run.hasNext() && !stopped.getAsBoolean()) {
            progress.accept(run.next());
            if (run.hasNext() && System.nanoTime() - saved > SAVE_EVERY_NANOS) {
                new SnapshotFile(run.snapshot(), log.position()).write(folder.resolve(STATE));
                saved = System.nanoTime();
            }
        }
    }

    private Result finish(RunFolder folder, Steered steered, Progress progress, BooleanSupplier stopped) {
        var history = steered.history();
        var files = new ArrayList<Path>();
        var rewards = history.order().stream().mapToDouble(history::reward).toArray();
        if (steered.completed()) {
            watch.time("pictures", () -> files.addAll(writePictures(steered, rewards)));
        }
        var compared = steered.completed() ? compare(folder, progress, stopped) : null;
        folder.write(
                "manifest.json",
                ManifestFile.of(manifest)
                        .ended(history.outcome().orElseThrow(), history.cost())
                        .toJson());
        watch.time("report", () -> folder.write("report.html", report(steered, compared)));
        var result = new Result(
                folder.path(),
                steered.completed(),
                files,
                rewards,
                history.cost(),
                history.logEvidence().orElse(Double.NaN),
                watch.seconds());
        folder.write("timing.json", timing(result.seconds()));
        return result;
    }

    /** What the plain model makes of the same seed; null if nobody asked, or that was stopped. */
    private @Nullable Steered compare(RunFolder folder, Progress progress, BooleanSupplier stopped) {
        // The plain model has nothing else to be compared with.
        boolean plain = plan.method().equals("base") || plan.method().equals("bon");
        int n = plan.baseline() ? plan.particles() : Math.min(plan.unsteered(), plan.particles());
        if (plain || n == 0) {
            return null;
        }
        var path = folder.resolve("unsteered");
        var inside = Files.exists(path) ? RunFolder.open(path) : RunFolder.create(path);
        var unsteered = steer(inside, "comparing", SteeringPlan.bestOf(n, plan.lambda()), false, progress, stopped);
        return unsteered.completed() ? unsteered : null;
    }

    private String report(Steered steered, @Nullable Steered compared) {
        var unsteered = compared == null ? null : shown(compared);
        var judges = reward.parts().stream()
                .filter(p -> p.reward().info().judgeOnly())
                .map(p -> p.reward().info().name())
                .collect(java.util.stream.Collectors.toUnmodifiableSet());
        return RunReport.html(
                shown(steered), plan.baseline() ? null : unsteered, plan.baseline() ? unsteered : null, judges);
    }

    private static RunReport.Shown shown(Steered steered) {
        return new RunReport.Shown(steered.history(), steered.folder()::picture);
    }

    private List<Path> writePictures(Steered steered, double[] rewards) {
        var files = new ArrayList<Path>();
        var cells = new ArrayList<ContactSheet.Entry>();
        var order = steered.history().order();
        for (int rank = 1; rank <= order.size(); rank++) {
            int slot = order.get(rank - 1);
            var picture = steered.pictures().get(slot);
            if (picture == null) {
                throw new IllegalStateException("no final picture of slot " + slot);
            }
            var recipe = Recipe.of(manifest, slot, rank, rewards[rank - 1], parts(steered, slot));
            files.add(steered.folder().write("%04d.png".formatted(rank), Png.encode(picture, texts(recipe, picture))));
            cells.add(new ContactSheet.Entry(picture, "%d: %.3f".formatted(rank, rewards[rank - 1])));
        }
        var sheet = ContactSheet.draw(cells, Math.min(8, (int) Math.ceil(Math.sqrt(cells.size() * 2.0))));
        steered.folder().write("contact-sheet.png", Png.encode(sheet, Map.of()));
        return files;
    }

    private static Map<String, Double> parts(Steered steered, int slot) {
        var parts = new LinkedHashMap<String, Double>();
        if (steered.lastScores() != null) {
            steered.lastScores().parts().forEach((name, values) -> parts.put(name, values[slot]));
        }
        return parts;
    }

    private Map<String, String> texts(Recipe recipe, Picture picture) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("Steps", Integer.toString(plan.steps()));
        settings.put("Sampler", sampler.scheduler().name());
        settings.put("CFG scale", Double.toString(plan.guidance()));
        settings.put("Seed", Long.toString(plan.torchSeed() == null ? plan.seed() : plan.torchSeed()));
        settings.put("Size", picture.width() + "x" + picture.height());
        settings.put("Model hash", unetHash());
        settings.put("Model", plan.model());
        settings.put("Version", "Tiller " + Version.TILLER);
        var texts = new LinkedHashMap<String, String>();
        texts.put(
                GenerationParameters.KEYWORD,
                new GenerationParameters(plan.prompt(), plan.negative(), settings).toText());
        texts.put(Recipe.KEYWORD, recipe.toJson());
        return texts;
    }

    private String unetHash() {
        return manifest.weights().stream()
                .filter(w -> w.name().contains("/unet/") && w.name().endsWith(".safetensors"))
                .map(w -> w.sha256().substring(0, 10))
                .findFirst()
                .orElse("unknown");
    }

    /** Seconds by name; the only file that differs when a run is repeated. */
    private static String timing(Map<String, Double> seconds) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(seconds);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new TillerException("Cannot delete " + file + ": " + e.getMessage() + ".", e);
        }
    }

    @Override
    public void close() {
        sampler.close();
        reward.close();
        model.close();
    }
}
