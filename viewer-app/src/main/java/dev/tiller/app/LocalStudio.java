// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.LoadedModel;
import dev.tiller.method.Methods;
import dev.tiller.method.RunPlan;
import dev.tiller.record.FolderLock;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.run.RunEvent;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.window.Studio;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the window asks for, done on this machine: the same runs in the same folders as {@code tiller run} makes. */
final class LocalStudio implements Studio {
    private final ModelLocator models;
    private final WaitingRuns waiting;
    private final OwnTaste taste;
    private final MemoryNeed memory;
    private volatile @Nullable PastSpeed past;

    /** @param settings the user's settings folder */
    LocalStudio(ModelLocator models, Path settings) {
        this.models = models;
        this.waiting = new WaitingRuns(settings);
        this.taste = new OwnTaste(models, settings);
        this.memory = new MemoryNeed(models, RewardCatalogue.load(Images.class));
    }

    @Override
    public List<Map<String, String>> queue() {
        return waiting.read();
    }

    @Override
    public void keepQueue(List<Map<String, String>> runs) {
        waiting.write(runs);
    }

    @Override
    public List<Method> methods() {
        return Methods.all().stream()
                .map(m -> new Method(m.name(), m.summary(), defaults(m.name())))
                .toList();
    }

    private static Map<String, String> defaults(String method) {
        var defaults = new LinkedHashMap<String, String>();
        RunPlan.of(Map.of(RunPlan.PROMPT.name(), "", RunPlan.METHOD.name(), method))
                .toMap()
                .forEach((name, value) -> defaults.put(name, String.valueOf(value)));
        return defaults;
    }

    @Override
    public List<Choice> models() {
        // Only pictures can be drawn by them: judges are models too, and have no UNet.
        return models.list().entrySet().stream()
                .filter(m -> java.nio.file.Files.isRegularFile(m.getValue().resolve("model_index.json")))
                .map(m -> new Choice(m.getKey(), m.getValue().toString()))
                .toList();
    }

    @Override
    public List<Choice> rewards() {
        return RewardCatalogue.load(Images.class).all().stream()
                .map(r -> new Choice(r.info().name(), r.info().description()))
                .toList();
    }

    @Override
    public void prefer(byte[] better, byte[] worse, Consumer<String> told) {
        taste.prefer(better, worse, told);
    }

    @Override
    public Optional<String> taste() {
        return taste.reward();
    }

    @Override
    public Job start(Map<String, String> settings, Watcher watcher) {
        return begin(watcher, job -> {
            var plan = Branch.is(settings) ? Branch.plan(settings) : RunPlan.of(settings);
            var path = RunCommand.unused(plan);
            return FolderLock.holding(path, () -> {
                var folder = RunFolder.create(path);
                try (var session = SteerSession.open(plan, models, RewardCatalogue.load(Images.class))) {
                    return session.run(folder, new Told(watcher, folder), job, List.of());
                }
            });
        });
    }

    @Override
    public Job resume(Path path, Watcher watcher) {
        return begin(watcher, job -> {
            var folder = RunFolder.open(path);
            return FolderLock.holding(path, () -> {
                var plan = RunPlan.ofManifest(
                        ManifestFile.read(folder.resolve("manifest.json")).run().plan());
                try (var session = SteerSession.open(plan, models, RewardCatalogue.load(Images.class))) {
                    return session.resume(folder, new Told(watcher, folder), job);
                }
            });
        });
    }

    private Job begin(Watcher watcher, Function<RunningJob, SteerSession.Result> work) {
        var job = new RunningJob(watcher);
        var thread = new Thread(() -> make(work, watcher, job), "run");
        thread.setDaemon(true);
        thread.start();
        return job;
    }

    private void make(Function<RunningJob, SteerSession.Result> work, Watcher watcher, RunningJob job) {
        try {
            watcher.ended(work.apply(job).completed());
        } catch (TillerException e) {
            watcher.failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            watcher.failed("Something is wrong in Tiller itself: " + e + ".");
        } finally {
            past = null;
            job.over();
        }
    }

    @Override
    public Map<String, String> settings(Path folder) {
        var settings = new LinkedHashMap<String, String>();
        RunPlan.ofManifest(
                        ManifestFile.read(folder.resolve("manifest.json")).run().plan())
                .toMap()
                .forEach((name, value) -> settings.put(name, String.valueOf(value)));
        return settings;
    }

    @Override
    public Outlook outlook(Map<String, String> settings) {
        try {
            var plan = Branch.is(settings) ? Branch.plan(settings) : RunPlan.of(settings);
            LoadedModel.check(plan, RewardCatalogue.load(Images.class));
            var known = past;
            if (known == null) {
                known = PastSpeed.in(Path.of("runs"));
                past = known;
            }
            return new Outlook(true, RunOutlook.of(plan, known, memory).words());
        } catch (TillerException e) {
            return new Outlook(false, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Map<String, Double> weights(String reward) {
        try {
            var weights = new LinkedHashMap<String, Double>();
            RewardExpression.parse(reward)
                    .summands()
                    .forEach(term -> weights.merge(term.reward().toString(), term.weight(), Double::sum));
            return weights;
        } catch (TillerException e) {
            return Map.of();
        }
    }

    /** Passes on what happens; pictures are found from the first event on. */
    private record Told(Watcher watcher, RunFolder folder) implements SteerSession.Progress {
        @Override
        public void step(String what, StepReport report) {}

        @Override
        public void event(RunEvent event) {
            if (event instanceof RunEvent.RunStarted) {
                watcher.began(folder.path(), folder::picture);
            }
            watcher.on(event);
        }
    }
}
