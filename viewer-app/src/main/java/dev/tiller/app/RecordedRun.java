// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Audience;
import dev.tiller.method.LoadedModel;
import dev.tiller.method.Prepared;
import dev.tiller.method.ResumableRun;
import dev.tiller.method.RunPlan;
import dev.tiller.record.EventLog;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
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
import java.util.function.Consumer;

/** One run, recorded in a folder as it goes on: its events, its pictures, and the state from which it can go on. */
final class RecordedRun {
    /** A run saves its state at most so often, so that a kill loses little and saving costs little. */
    private static final long SAVE_EVERY_NANOS = 5_000_000_000L;

    private static final String STATE = "state.safetensors";
    private static final String LOG_POSITION = "log_position";
    private final RunFolder folder;
    private final Path events;
    private final Path state;
    private final RunHistory history = new RunHistory();
    /** What the record said when this process began. */
    private Cost found = Cost.NONE;

    private RecordedRun(RunFolder folder) {
        this.folder = folder;
        this.events = folder.resolve("events.jsonl");
        this.state = folder.resolve(STATE);
    }

    /**
     * Makes the run, or what is left of it: one that is complete is read from its record, one that was saved goes on, one
     * that was killed before is begun again.
     *
     * @param also hears what happens, after it was recorded; of one that goes on, what has happened first
     * @param control is asked before each step
     * @param script decisions to carry out again, as far as they were not
     */
    static RecordedRun make(
            Prepared on,
            RunFolder folder,
            Consumer<StepReport> progress,
            RunListener also,
            Control control,
            List<Decision.At> script) {
        var made = new RecordedRun(folder);
        if (!Files.exists(made.state) && made.isComplete()) {
            EventLog.replay(made.events, made.history);
            made.found = made.history.cost();
            made.reweigh(on);
        } else {
            made.goOn(on, progress, also, control, script);
        }
        return made;
    }

    /** Makes room for a run in a folder in which none has begun, or was killed before it was first saved. */
    static void begin(LoadedModel model, Prepared on, RunFolder folder) {
        var begun = new RecordedRun(folder);
        if (!Files.exists(begun.state) && !begun.isComplete()) {
            delete(begun.events);
            if (on.plan().find(RunPlan.BRANCH_FROM).isPresent()) {
                Branch.begin(model, on, folder);
            }
        }
    }

    private void reweigh(Prepared on) {
        on.reweighKnown(history.interventions().reweighed(Integer.MAX_VALUE));
    }

    private boolean isComplete() {
        if (!Files.exists(events)) {
            return false;
        }
        var recorded = new RunHistory();
        EventLog.replay(events, recorded);
        return recorded.outcome().filter(Outcome.Completed.class::isInstance).isPresent();
    }

    private void goOn(
            Prepared on, Consumer<StepReport> progress, RunListener also, Control control, List<Decision.At> script) {
        var saved = Files.exists(state) ? SafeTensors.open(state) : null;
        long position = saved == null ? 0 : saved.longs(LOG_POSITION)[0];
        if (saved == null) {
            delete(events);
        }
        try (var log = saved == null ? EventLog.create(events) : EventLog.resume(events, position)) {
            if (saved != null) {
                EventLog.replay(events, event -> {
                    history.on(event);
                    also.on(event);
                });
                found = history.cost();
                reweigh(on);
            }
            RunListener both = event -> {
                log.on(event);
                history.on(event);
                also.on(event);
            };
            var pictures = new RunPictures(folder, both);
            var audience = new Audience(on.manifest(), pictures, List.of(both));
            try (var run = saved == null ? on.start(audience) : on.resume(saved, audience)) {
                var left = history.interventions().pending(script);
                drive(run, log, progress, Control.scripted(left, control), KeptStates.of(on, folder));
                if (run.hasNext()) {
                    save(run, log, folder);
                } else {
                    forget(log, folder);
                }
            }
        }
    }

    private void drive(
            ResumableRun run, EventLog log, Consumer<StepReport> progress, Control control, KeptStates states) {
        long saved = System.nanoTime();
        int step = history.ess().size();
        // A decision is saved at once: nothing that a person did is lost by a kill.
        Consumer<Decision> hand = decision -> {
            run.decide(decision);
            save(run, log, folder);
            log.await();
        };
        while (run.hasNext() && control.goOn(step, hand)) {
            states.before(step, run, log);
            progress.accept(run.next());
            step++;
            if (run.hasNext() && System.nanoTime() - saved > SAVE_EVERY_NANOS) {
                save(run, log, folder);
                saved = System.nanoTime();
            }
        }
    }

    /** Keeps the state from which a run goes on, with the events that belong to it; the log's thread writes it. */
    static void save(ResumableRun run, EventLog log, RunFolder folder) {
        var writer = new SafeTensorsWriter();
        run.save(writer);
        log.then(position -> writer.add(LOG_POSITION, new long[] {position}, 1).write(folder.resolve(STATE)));
    }

    /** Deletes what was saved, after it was written: the log's thread may not have come so far yet. */
    static void forget(EventLog log, RunFolder folder) {
        log.then(position -> delete(folder.resolve(STATE)));
    }

    static void delete(Path file) {
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

    /** What this process has spent on it. */
    Cost spent() {
        return history.cost().minus(found);
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
