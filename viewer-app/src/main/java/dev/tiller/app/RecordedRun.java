// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Audience;
import dev.tiller.method.Prepared;
import dev.tiller.method.ResumableRun;
import dev.tiller.record.EventLog;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunListener;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.RunHistory;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One run, recorded in a folder as it goes on: its events, its pictures, and the state from which it can go on. */
final class RecordedRun {
    /** A run saves its state at most so often, so that a kill loses little and saving costs little. */
    private static final long SAVE_EVERY_NANOS = 5_000_000_000L;

    private static final String LOG_POSITION = "log_position";
    private final RunFolder folder;
    private final Path events;
    private final Path state;
    private final RunHistory history = new RunHistory();

    private RecordedRun(RunFolder folder) {
        this.folder = folder;
        this.events = folder.resolve("events.jsonl");
        this.state = folder.resolve("state.safetensors");
    }

    /**
     * Makes the run, or what is left of it: one that is complete is read from its record, one that was saved goes on, one
     * that was killed before is begun again.
     *
     * @param also hears what happens, after it was recorded
     * @param stopped is asked after each step
     */
    static RecordedRun make(
            Prepared on, RunFolder folder, Consumer<StepReport> progress, RunListener also, BooleanSupplier stopped) {
        var made = new RecordedRun(folder);
        if (!Files.exists(made.state) && made.isComplete()) {
            EventLog.replay(made.events, made.history);
        } else {
            made.goOn(on, progress, also, stopped);
        }
        return made;
    }

    private boolean isComplete() {
        if (!Files.exists(events)) {
            return false;
        }
        var recorded = new RunHistory();
        EventLog.replay(events, recorded);
        return recorded.outcome().filter(Outcome.Completed.class::isInstance).isPresent();
    }

    private void goOn(Prepared on, Consumer<StepReport> progress, RunListener also, BooleanSupplier stopped) {
        var saved = Files.exists(state) ? SafeTensors.open(state) : null;
        long position = saved == null ? 0 : saved.longs(LOG_POSITION)[0];
        if (saved == null) {
            delete(events);
        }
        try (var log = saved == null ? EventLog.create(events) : EventLog.resume(events, position)) {
            if (saved != null) {
                EventLog.replay(events, history);
            }
            RunListener both = event -> {
                log.on(event);
                history.on(event);
                also.on(event);
            };
            var pictures = new RunPictures(folder, both);
            var audience = new Audience(on.manifest(), pictures, List.of(both));
            try (var run = saved == null ? on.start(audience) : on.resume(saved, audience)) {
                drive(run, log, progress, stopped);
                if (run.hasNext()) {
                    save(run, log);
                } else {
                    delete(state);
                }
            }
        }
    }

    private void drive(ResumableRun run, EventLog log, Consumer<StepReport> progress, BooleanSupplier stopped) {
        long saved = System.nanoTime();
        while (run.hasNext() && !stopped.getAsBoolean()) {
            progress.accept(run.next());
            if (run.hasNext() && System.nanoTime() - saved > SAVE_EVERY_NANOS) {
                save(run, log);
                saved = System.nanoTime();
            }
        }
    }

    private void save(ResumableRun run, EventLog log) {
        var writer = new SafeTensorsWriter();
        run.save(writer);
        writer.add(LOG_POSITION, new long[] {log.position()}, 1).write(state);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new TillerException("Cannot delete " + file + ": " + e.getMessage() + ".", e);
        }
    }

    RunFolder folder() {
        return folder;
    }

    RunHistory history() {
        return history;
    }

    /** False if it was stopped. */
    boolean completed() {
        return history.outcome().filter(Outcome.Completed.class::isInstance).isPresent();
    }

    /** The final picture of a slot. */
    Picture picture(int slot) {
        return history.finalPicture(slot)
                .flatMap(folder::picture)
                .map(Png::decode)
                .orElseThrow(() -> new TillerException("The final picture of particle " + slot + " is missing from "
                        + folder.path() + "; make the run again with --manifest."));
    }
}
