// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Pace;
import dev.tiller.viewer.RoughTime;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The run that goes on, whatever else is looked at meanwhile, and the next of the queue when it is over. */
final class LiveRun {
    /** The window, as far as a run has to do with it. */
    interface Place extends HandSteering.Place {
        /** A run is begun, and will be shown when it is loaded. */
        void begins();

        /** Shows a run that was not shown before. */
        void show(RunPane pane);

        /** The run is over. */
        void over();
    }

    private final Studio studio;
    private final ComposePane compose;
    private final RunBar bar;
    private final Notices notices;
    private final Place place;
    private final HandSteering hand;
    private final Pace pace = new Pace();
    private Studio.@Nullable Job job;
    private @Nullable RunPane pane;
    private @Nullable Path folder;
    private boolean waiting;
    private boolean stopped;
    /** Whether a run failed since somebody last began one: what the queue goes on with must not wipe the reason away. */
    private boolean unread;

    LiveRun(Studio studio, ComposePane compose, RunBar bar, Notices notices, Place place) {
        this.studio = studio;
        this.compose = compose;
        this.bar = bar;
        this.notices = notices;
        this.place = place;
        hand = new HandSteering(this, compose, bar, notices, place);
    }

    /** What can be done with it by hand. */
    HandSteering hand() {
        return hand;
    }

    /** Null where nothing goes on. */
    Studio.@Nullable Job job() {
        return job;
    }

    /** Null where nothing goes on, or not yet. */
    @Nullable
    RunPane pane() {
        return pane;
    }

    /** The run that goes on, if it is recorded there. */
    Optional<RunPane> in(Path where) {
        return where.equals(folder) ? Optional.ofNullable(pane) : Optional.empty();
    }

    boolean waits() {
        return waiting;
    }

    /** Whether it waits, in a sentence. */
    String state() {
        return Messages.of(waiting ? "status.waiting" : "status.running");
    }

    /** @param settings as {@link Studio#start} takes them */
    void start(Map<String, String> settings) {
        unread = false;
        begin(watcher -> studio.start(settings, watcher));
    }

    /** Goes on with a recorded run. */
    void resume(Path recorded) {
        try {
            compose.take(studio.settings(recorded));
        } catch (TillerException e) {
            notices.say(String.valueOf(e.getMessage()), true);
            return;
        }
        unread = false;
        begin(watcher -> studio.resume(recorded, watcher));
    }

    private void begin(Function<Studio.Watcher, Studio.Job> work) {
        compose.running().set(true);
        place.begins();
        waiting = false;
        stopped = false;
        pace.rest();
        compose.paused(false);
        tell(Messages.of("status.loading"));
        job = work.apply(new Watching(this));
    }

    /** Lets it wait, or go on. */
    void pause() {
        var current = job;
        if (current != null) {
            if (waiting) {
                hand.release();
            }
            waiting = !waiting;
            pace.rest();
            current.pause(waiting);
            compose.paused(waiting);
            notices.note(state());
        }
    }

    /** Asks it to stop after the step it is making; nothing of the queue follows. */
    void stop() {
        if (halt() != null) {
            notices.note(Messages.of("status.stopping"));
        }
    }

    /** Stops it, and returns when what there is of it is written. Not on the window's thread, which the run may wait for. */
    void finish() {
        var halted = new AtomicReference<Studio.@Nullable Job>();
        Watching.onWindow(() -> halted.set(halt()));
        var current = halted.get();
        if (current != null) {
            current.join();
        }
    }

    private Studio.@Nullable Job halt() {
        var current = job;
        if (current != null) {
            stopped = true;
            hand.release();
            current.stop();
        }
        return current;
    }

    /** It is loaded. */
    void began(Path where, RunPane shown) {
        place.show(shown);
        pane = shown;
        folder = where;
        bar.shows(where, false);
        tell(Messages.of("status.running"));
    }

    void received(RunPane shown, List<RunEvent> events) {
        shown.film().take(events);
        hand.dropLate(shown);
        var history = shown.film().history();
        int done = history.ess().size();
        if (place.shown() == shown) {
            bar.steered(history.interventions().byHand());
        }
        if (!waiting && done > 0) {
            var left = pace.left(done, history.steps(), System.nanoTime());
            var best = GridPlot.number(history.bestReward());
            notices.note(
                    left.isPresent()
                            ? Messages.of(
                                    "status.step.left", done, history.steps(), best, RoughTime.of(left.getAsDouble()))
                            : Messages.of("status.step", done, history.steps(), best));
        }
    }

    void refused(String sentence) {
        notices.say(sentence, true);
    }

    void ended(boolean completed) {
        var where = folder;
        over();
        tell(Messages.of(completed ? "status.done" : "status.stopped"));
        if (where != null && where.equals(bar.folder())) {
            boolean byHand = place.shown().film().history().interventions().byHand();
            bar.shows(where, !completed);
            bar.steered(byHand);
        }
        next();
    }

    void failed(String sentence) {
        over();
        unread = true;
        notices.say(sentence, true);
        next();
    }

    private void tell(String sentence) {
        if (unread) {
            notices.note(sentence);
        } else {
            notices.say(sentence, false);
        }
    }

    private void over() {
        hand.forget();
        job = null;
        pane = null;
        folder = null;
        compose.running().set(false);
        place.over();
    }

    /** The next of the queue, unless somebody wanted to stop. */
    private void next() {
        if (!stopped) {
            compose.queue().next().ifPresent(settings -> begin(watcher -> studio.start(settings, watcher)));
        }
    }
}
