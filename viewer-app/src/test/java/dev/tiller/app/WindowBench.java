// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.record.EventLog;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.window.Studio;
import dev.tiller.viewer.window.TillerWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javafx.animation.AnimationTimer;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Slider;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleButton;
import javafx.stage.Stage;

/**
 * How smooth the window is, and what it costs, told by a timer that hears every pulse:
 *
 * <pre>
 * WindowBench make FOLDER [PARTICLES STEPS]   writes a record with a picture for every particle and step
 * WindowBench replay FOLDER                   opens it, and scrubs
 * WindowBench live [PARTICLES STEPS]          a run of the embedded model in the window, its frames timed
 * WindowBench cost [PARTICLES STEPS]          the same without that timer, which asks for every frame itself
 * WindowBench bare [PARTICLES STEPS]          the same without a window
 * </pre>
 */
public final class WindowBench {
    /** Of moves of the cursor while scrubbing. */
    private static final int MOVES = 600;

    private WindowBench() {}

    public static void main(String[] args) throws Exception {
        int at = args[0].equals("make") || args[0].equals("replay") ? 2 : 1;
        int particles = args.length > at ? Integer.parseInt(args[at]) : args[0].equals("make") ? 256 : 64;
        int steps = args.length > at ? Integer.parseInt(args[at + 1]) : args[0].equals("make") ? 100 : 50;
        switch (args[0]) {
            case "make" -> make(Path.of(args[1]), particles, steps);
            case "replay" -> replay(Path.of(args[1]));
            case "live" -> live(particles, steps, true, true);
            case "cost" -> live(particles, steps, true, false);
            case "bare" -> live(particles, steps, false, false);
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.exit(0);
    }

    // -- a record

    private static void make(Path path, int particles, int steps) {
        if (Files.exists(path)) {
            return;
        }
        var random = new Random(1);
        var folder = RunFolder.create(path);
        var manifest = new RunManifest("a bench", 1, Map.of("method", "fk"), List.of(), Map.of(), "cpu");
        try (var log = EventLog.create(folder.resolve("events.jsonl"))) {
            log.on(new RunEvent.RunStarted(manifest, steps, particles));
            var quality = random.doubles(particles).toArray();
            var sketches = new double[particles][32];
            for (int step = 0; step < steps; step++) {
                for (int i = 0; i < particles; i++) {
                    quality[i] += 0.1 * random.nextGaussian() + 0.05;
                    sketches[i] = Arrays.stream(sketches[i])
                            .map(x -> Math.rint(1000 * (x + 0.1 * random.nextGaussian())) / 1000)
                            .toArray();
                }
                log.on(new RunEvent.Located(step, sketches.clone()));
                log.on(new RunEvent.StepDone(step, new double[particles], particles, 0.1 * step, Cost.NONE));
                for (int i = 0; i < particles; i++) {
                    preview(log, folder, step, i, 64, random, RunEvent.Stage.CLEAN);
                }
                for (int i = 0; i < particles; i++) {
                    preview(log, folder, step, i, 16, random, RunEvent.Stage.NOISY);
                }
                var rewards = quality.clone();
                log.on(new RunEvent.Scored(step, rewards, Map.of("clip", rewards), rewards.clone(), particles / 2.0));
                log.on(new RunEvent.HeldOut(step, Map.of("verifier", rewards.clone())));
                if (step % 5 == 4 && step < steps - 1) {
                    var ancestors = IntStream.range(0, particles)
                            .map(i -> random.nextInt(8) == 0 ? random.nextInt(particles) : i)
                            .toArray();
                    var before = quality.clone();
                    var stood = sketches.clone();
                    Arrays.setAll(quality, i -> before[ancestors[i]]);
                    Arrays.setAll(sketches, i -> stood[ancestors[i]]);
                    log.on(new RunEvent.Resampled(step, ancestors, new double[particles], particles / 2.0));
                }
            }
            var order = IntStream.range(0, particles).toArray();
            log.on(new RunEvent.RunEnded(new RunEvent.Outcome.Completed(), order, 1, Cost.NONE));
        }
    }

    /** A soft gradient with some grain, of the size that pictures have as PNG. */
    private static void preview(
            EventLog log, RunFolder folder, int step, int slot, int side, Random random, RunEvent.Stage stage) {
        var rgb = new byte[3 * side * side];
        int red = random.nextInt(200);
        int grain = stage == RunEvent.Stage.NOISY ? 120 : 6;
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (red * (i % 3 + 1) / 3 + i * 50 / rgb.length + random.nextInt(grain));
        }
        var sha = folder.keep(Png.encode(new Picture(side, side, rgb), Map.of()));
        log.on(new RunEvent.Previewed(step, slot, sha, stage));
    }

    private static void replay(Path path) throws Exception {
        double megabytes = Files.size(path.resolve("events.jsonl")) / 1e6;
        double pictures;
        try (var walk = Files.walk(path.resolve("pictures"))) {
            pictures = walk.filter(Files::isRegularFile)
                            .mapToLong(WindowBench::size)
                            .sum()
                    / 1e6;
        }
        System.out.printf(Locale.ROOT, "events.jsonl %.1f MB, pictures %.1f MB%n", megabytes, pictures);
        var window = new Shown();
        window.rest();
        var opening = new Frames();
        long begin = System.nanoTime();
        long work = processor();
        onWindow(() -> {
            opening.start();
            window.window.open(path);
        });
        until(() -> window.slider().getMax() > 1);
        onPulse();
        double seconds = (System.nanoTime() - begin) / 1e9;
        opening.stop();
        System.out.printf(
                Locale.ROOT,
                "open: %.2f s, processor %.2f s; a 100 MB of events: %.2f s, processor %.2f s; with its pictures counted: %.2f s%n",
                seconds,
                (processor() - work) / 1e9,
                seconds * 100 / megabytes,
                (processor() - work) / 1e9 * 100 / megabytes,
                seconds * 100 / (megabytes + pictures));
        opening.say("frames while it opens");
        Thread.sleep(1500);
        scrub(window, "scrubbing, the tree below");
        onWindow(() -> ((ToggleButton) window.find("#show-trajectories")).fire());
        Thread.sleep(1000);
        scrub(window, "scrubbing, the ways below");
        memory();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** To and fro, one step a frame, then here and there. */
    private static void scrub(Shown window, String what) throws Exception {
        var frames = new Frames();
        var done = new CountDownLatch(1);
        long work = processor();
        onWindow(() -> {
            int last = (int) window.slider().getMax();
            var random = new Random(2);
            frames.start();
            new AnimationTimer() {
                private int moves;

                @Override
                public void handle(long now) {
                    if (moves++ == MOVES) {
                        stop();
                        done.countDown();
                        return;
                    }
                    int wave = moves % (2 * last);
                    window.slider()
                            .setValue(
                                    moves < MOVES / 2
                                            ? (wave <= last ? wave : 2 * last - wave)
                                            : random.nextInt(last + 1));
                }
            }.start();
        });
        done.await();
        frames.stop();
        System.out.printf(Locale.ROOT, "processor a move: %.1f ms%n", (processor() - work) / 1e6 / MOVES);
        frames.say(what);
    }

    // -- a run

    private static void live(int particles, int steps, boolean shown, boolean timed) throws Exception {
        var settings = Map.of(
                "prompt", "two stars",
                "particles", Integer.toString(particles),
                "steps", Integer.toString(steps),
                "unsteered", "0",
                "resample-from", "1",
                "resample-every", "1",
                "seed", "7");
        var run = new Timed(new LocalStudio(TillerCommand.models(), Files.createTempDirectory("bench")), settings);
        if (shown) {
            var window = new Shown(run.studio);
            window.rest();
            if (timed) {
                run.frames = new Frames();
            }
            onWindow(() -> {
                ((TextInputControl) window.find("#prompt")).setText("two stars");
                ((Button) window.find("#start")).fire();
            });
        } else {
            run.studio.start(settings, new Nobody());
        }
        run.over.await();
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f s, processor %.1f s%n",
                shown ? "in the window" : "without",
                run.seconds,
                run.processor);
        if (run.frames != null) {
            run.frames.say("frames of the run");
        }
        say(run.before, run.after);
        memory();
    }

    /** Makes the run that is measured, whatever is asked, and times it from its first event to its last. */
    private static final class Timed {
        private final Studio studio;
        private final CountDownLatch over = new CountDownLatch(1);
        private Frames frames;
        private double seconds;
        private double processor;
        private long begin;
        private long work;
        private Map<String, Double> before = Map.of();
        private Map<String, Double> after = Map.of();

        Timed(Studio made, Map<String, String> run) {
            studio =
                    Overheard.studio(made, (settings, watcher) -> made.start(run, new Overheard(watcher, this::heard)));
        }

        private void heard(RunEvent event) {
            if (event instanceof RunEvent.RunStarted) {
                begin = System.nanoTime();
                work = WindowBench.processor();
                before = threads();
                if (frames != null) {
                    Platform.runLater(frames::start);
                }
            } else if (event instanceof RunEvent.RunEnded) {
                seconds = (System.nanoTime() - begin) / 1e9;
                processor = (WindowBench.processor() - work) / 1e9;
                after = threads();
                if (frames != null) {
                    frames.stop();
                }
                over.countDown();
            }
        }
    }

    private static final class Nobody implements Studio.Watcher {
        @Override
        public void began(Path folder, Pictures pictures) {}

        @Override
        public void on(RunEvent event) {}

        @Override
        public void refused(String sentence) {}

        @Override
        public void ended(boolean completed) {}

        @Override
        public void failed(String sentence) {
            throw new IllegalStateException(sentence);
        }
    }

    // -- measuring

    /** The times between pulses. */
    private static final class Frames {
        private final List<Double> millis = new ArrayList<>();
        private final AnimationTimer timer = new AnimationTimer() {
            private long last;

            @Override
            public void handle(long now) {
                long heard = System.nanoTime();
                if (last != 0) {
                    millis.add((heard - last) / 1e6);
                }
                last = heard;
            }
        };

        void start() {
            timer.start();
        }

        void stop() {
            onWindow(timer::stop);
        }

        void say(String what) {
            var sorted = millis.stream().mapToDouble(m -> m).sorted().toArray();
            if (sorted.length > 0) {
                System.out.printf(
                        Locale.ROOT,
                        "%s: %d, median %.1f ms, 95th percentile %.1f ms, longest %.1f ms%n",
                        what,
                        sorted.length,
                        sorted[sorted.length / 2],
                        sorted[(int) (0.95 * (sorted.length - 1))],
                        sorted[sorted.length - 1]);
            }
        }
    }

    private static long processor() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** Seconds of processor of each of this process's threads, by their names; empty where the system does not say. */
    private static Map<String, Double> threads() {
        var tasks = Path.of("/proc/self/task");
        var seconds = new TreeMap<String, Double>();
        if (Files.isDirectory(tasks)) {
            try (var each = Files.list(tasks)) {
                each.forEach(task -> {
                    try {
                        double nanos = Double.parseDouble(
                                Files.readString(task.resolve("schedstat")).split(" ", -1)[0]);
                        seconds.merge(Files.readString(task.resolve("comm")).strip(), nanos / 1e9, Double::sum);
                    } catch (IOException e) {
                        // It has ended since.
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return seconds;
    }

    /** What each thread took between two times, the most first. */
    private static void say(Map<String, Double> before, Map<String, Double> after) {
        var spent = new TreeMap<>(after);
        spent.replaceAll((name, seconds) -> seconds - before.getOrDefault(name, 0.0));
        spent.entrySet().stream()
                .filter(each -> each.getValue() > 0.02)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(each ->
                        System.out.printf(Locale.ROOT, "  thread %s: %.2f s%n", each.getKey(), each.getValue()));
    }

    private static void memory() throws IOException {
        double heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        System.out.printf(Locale.ROOT, "heap at its peak %.0f MB%n", heap / 1e6);
        var status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            Files.readAllLines(status).stream()
                    .filter(l -> l.startsWith("VmHWM"))
                    .forEach(System.out::println);
        }
    }

    // -- the window

    private static final class Shown {
        private TillerWindow window;
        private Scene scene;

        Shown() throws Exception {
            this(new LocalStudio(TillerCommand.models(), Files.createTempDirectory("bench")));
        }

        Shown(Studio studio) throws Exception {
            java.util.logging.Logger.getLogger("javafx").setLevel(java.util.logging.Level.OFF);
            var ready = new CountDownLatch(1);
            Platform.startup(ready::countDown);
            ready.await();
            onWindow(() -> {
                var stage = new Stage();
                window = new TillerWindow(studio);
                window.show(stage);
                stage.setWidth(1280);
                stage.setHeight(800);
                scene = stage.getScene();
            });
        }

        Node find(String selector) {
            return scene.lookup(selector);
        }

        Slider slider() {
            return (Slider) find("#scrubber");
        }

        void rest() throws InterruptedException {
            Thread.sleep(3000);
        }
    }

    private static void onWindow(Runnable work) {
        var done = new CountDownLatch(1);
        var trouble = new AtomicReference<Throwable>();
        Platform.runLater(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                trouble.set(e);
            }
            done.countDown();
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (trouble.get() != null) {
            throw new IllegalStateException(trouble.get());
        }
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        var met = new AtomicReference<>(false);
        while (!met.get()) {
            onWindow(() -> met.set(condition.getAsBoolean()));
            Thread.sleep(5);
        }
    }

    /** Two frames later everything is drawn. */
    private static void onPulse() throws InterruptedException {
        var drawn = new CountDownLatch(3);
        onWindow(() -> new AnimationTimer() {
            @Override
            public void handle(long now) {
                drawn.countDown();
                if (drawn.getCount() == 0) {
                    stop();
                }
            }
        }.start());
        drawn.await();
    }
}
