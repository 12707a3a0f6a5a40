// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.viewer.Pictures;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import javafx.application.Platform;
import org.jspecify.annotations.Nullable;

/** Brings what a run says from its thread to the window's. */
final class Watching implements Studio.Watcher {
    private final LiveRun run;
    private @Nullable Feed feed;

    Watching(LiveRun run) {
        this.run = run;
    }

    @Override
    public void began(Path folder, Pictures pictures) {
        var pane = new RunPane(pictures);
        // The pane belongs to the JavaFX thread, and the feed must be there before the first event.
        onWindow(() -> {
            run.began(folder.toAbsolutePath().normalize(), pane);
            feed = new Feed(events -> run.received(pane, events));
        });
    }

    @Override
    public void on(RunEvent event) {
        Objects.requireNonNull(feed).on(event);
    }

    @Override
    public void refused(String sentence) {
        Platform.runLater(() -> run.refused(sentence));
    }

    @Override
    public void ended(boolean completed) {
        Platform.runLater(() -> {
            close();
            run.ended(completed);
        });
    }

    @Override
    public void failed(String sentence) {
        Platform.runLater(() -> {
            close();
            run.failed(sentence);
        });
    }

    private void close() {
        if (feed != null) {
            feed.close();
        }
    }

    /** Does something on the window's thread, and returns when it is done. */
    static void onWindow(Runnable work) {
        var done = new CountDownLatch(1);
        Platform.runLater(() -> {
            try {
                work.run();
            } finally {
                done.countDown();
            }
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
