// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.record.EventLog;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.RunHistory;
import java.nio.file.Path;
import java.util.function.Consumer;
import javafx.application.Platform;

/** Reads a record beside the window's thread; whoever asks for another before it is read gets that one. */
final class Records {
    private final Notices notices;
    private final RunBar bar;
    private final Consumer<RunPane> show;
    /** How often something was asked for; counted on the window's thread. */
    private long asked;

    /** @param show puts a run that was read in the middle of the window */
    Records(Notices notices, RunBar bar, Consumer<RunPane> show) {
        this.notices = notices;
        this.bar = bar;
        this.show = show;
    }

    /** Something else is shown: a record that is not read yet will not be. */
    void forgo() {
        asked++;
    }

    /** Shows a recorded run, as soon as it is read. */
    void open(Path log, Path folder) {
        notices.say(Messages.of("status.opening", folder, 0), false);
        long turn = ++asked;
        var thread = new Thread(() -> read(log, folder, turn), "open");
        thread.setDaemon(true);
        thread.start();
    }

    private void read(Path log, Path folder, long turn) {
        try {
            var history = new RunHistory();
            var replay = EventLog.replay(log, event -> {
                history.on(event);
                if (event instanceof RunEvent.StepDone done) {
                    progress(folder, turn, done.step(), history.steps());
                }
            });
            var film = new Film(sha -> RunFolder.pictureIn(folder, sha), history).ready();
            onTurn(turn, () -> {
                show.accept(new RunPane(film));
                var outcome = history.outcome();
                bar.shows(folder.normalize(), outcome.isEmpty() || outcome.get() instanceof RunEvent.Outcome.Cancelled);
                bar.steered(history.interventions().byHand());
                notices.say(Messages.of(replay.ended() ? "status.replay" : "status.unended", folder), false);
            });
        } catch (TillerException e) {
            onTurn(turn, () -> notices.say(String.valueOf(e.getMessage()), true));
        }
    }

    /** Every tenth of the run. */
    private void progress(Path folder, long turn, int step, int steps) {
        int tenth = 10 * (step + 1) / steps;
        if (tenth > 10 * step / steps) {
            onTurn(turn, () -> notices.note(Messages.of("status.opening", folder, 10 * tenth)));
        }
    }

    private void onTurn(long turn, Runnable work) {
        Platform.runLater(() -> {
            if (turn == asked) {
                work.run();
            }
        });
    }
}
