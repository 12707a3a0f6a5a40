// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Prepared;
import dev.tiller.method.ResumableRun;
import dev.tiller.method.RunPlan;
import dev.tiller.record.EventLog;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * States of a run that stay in its folder, so that it can be branched: some ten over its steps, fewer where they would take
 * more than 64 MB. A state between two of them is made again from the one before, to the bit, since randomness goes by step
 * and slot.
 */
final class KeptStates {
    private static final int MOST = 10;
    private static final long BUDGET_BYTES = 64L << 20;

    private final RunFolder folder;
    private final int every;
    private final int beginning;

    private KeptStates(RunFolder folder, int every, int beginning) {
        this.folder = folder;
        this.every = every;
        this.beginning = beginning;
    }

    /** Which states of a run are kept follows from its plan alone; none where it cannot be branched. */
    static KeptStates of(Prepared on, RunFolder folder) {
        var plan = on.plan();
        if (!plan.method().branches()) {
            return new KeptStates(folder, Integer.MAX_VALUE, -1);
        }
        int steps = plan.get(RunPlan.STEPS);
        // Beside each sample, a scheduler may remember two more of its size.
        long bytes = 3L
                * Float.BYTES
                * plan.get(RunPlan.PARTICLES)
                * LongStream.of(on.sampler().rowShape()).reduce(1, (a, b) -> a * b);
        long most = Math.max(1, Math.min(MOST, BUDGET_BYTES / bytes));
        int every = (int) ((steps + most - 1) / most);
        return new KeptStates(
                folder, every, plan.find(RunPlan.BRANCH_STEP).map(n -> n - 1).orElse(-1));
    }

    /** Keeps a run's state before a step, if it is one to be kept; the log's thread writes it. */
    void before(int step, ResumableRun run, EventLog log) {
        if (step == beginning || (step > 0 && step % every == 0)) {
            var writer = new SafeTensorsWriter();
            run.save(writer);
            log.then(position -> write(writer, folder.resolve(name(step))));
        }
    }

    private static void write(SafeTensorsWriter state, Path file) {
        try {
            Files.createDirectories(file.resolveSibling(""));
        } catch (IOException e) {
            throw Disk.problem("write", file, e);
        }
        state.write(file);
    }

    /** A state that was kept before a step. */
    record Kept(int step, Path file) {}

    /** The last one in a run's folder that is not after a step. */
    static Optional<Kept> upTo(int step, Path folder) {
        var states = folder.resolve("states");
        if (!Files.isDirectory(states)) {
            return Optional.empty();
        }
        try (var files = Files.list(states)) {
            return files.filter(f -> f.getFileName().toString().matches("\\d{4,9}\\.safetensors"))
                    .map(f ->
                            new Kept(Integer.parseInt(f.getFileName().toString().replaceAll("\\D", "")), f))
                    .filter(kept -> kept.step() <= step)
                    .max(Comparator.comparingInt(Kept::step));
        } catch (IOException e) {
            throw new TillerException("Cannot read " + states + ": " + e.getMessage() + ".", e);
        }
    }

    private static String name(int step) {
        return String.format(Locale.ROOT, "states/%04d.safetensors", step);
    }
}
