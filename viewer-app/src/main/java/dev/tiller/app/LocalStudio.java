// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Methods;
import dev.tiller.method.RunPlan;
import dev.tiller.record.FolderLock;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.RunEvent;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.window.Studio;
import dev.tiller.weights.ModelLocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** What the window asks for, done on this machine: the same runs in the same folders as {@code tiller run} makes. */
final class LocalStudio implements Studio {
    private final ModelLocator models;

    LocalStudio(ModelLocator models) {
        this.models = models;
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
    public Job start(Map<String, String> settings, Watcher watcher) {
        var job = new RunningJob();
        var thread = new Thread(() -> make(settings, watcher, job), "run");
        thread.setDaemon(true);
        thread.start();
        return job;
    }

    private void make(Map<String, String> settings, Watcher watcher, RunningJob job) {
        try {
            var plan = RunPlan.of(settings);
            var path = RunCommand.unused(plan);
            var result = FolderLock.holding(path, () -> {
                var folder = RunFolder.create(path);
                try (var session = SteerSession.open(plan, models, RewardCatalogue.load(Images.class))) {
                    return session.run(folder, new Told(watcher, folder), job::stopped);
                }
            });
            watcher.ended(result.completed());
        } catch (TillerException e) {
            watcher.failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            watcher.failed("Something is wrong in Tiller itself: " + e + ".");
        } finally {
            job.over();
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

    /** Stops and pauses a run between two steps. */
    private static final class RunningJob implements Job {
        private static final long GLANCE_NANOS = 50_000_000;

        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean stop;
        private volatile boolean waiting;

        @Override
        public void stop() {
            stop = true;
        }

        @Override
        public void pause(boolean wait) {
            waiting = wait;
        }

        @Override
        public void join() {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void over() {
            over.countDown();
        }

        private boolean stopped() {
            while (waiting && !stop) {
                LockSupport.parkNanos(GLANCE_NANOS);
            }
            return stop;
        }
    }
}
