// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import javafx.animation.AnimationTimer;

/**
 * Carries events from the thread of a run to the window, all that have come in one bundle a frame. The run never waits for
 * the window.
 */
public final class Feed implements RunListener, AutoCloseable {
    private final ConcurrentLinkedQueue<RunEvent> waiting = new ConcurrentLinkedQueue<>();
    private final Consumer<List<RunEvent>> receiver;
    private final AnimationTimer timer = new AnimationTimer() {
        @Override
        public void handle(long now) {
            deliver();
        }
    };

    /** @param receiver called on the JavaFX thread with at least one event */
    public Feed(Consumer<List<RunEvent>> receiver) {
        this.receiver = receiver;
        timer.start();
    }

    @Override
    public void on(RunEvent event) {
        waiting.add(event);
    }

    /** Delivers what is waiting; on the JavaFX thread. */
    void deliver() {
        var bundle = new ArrayList<RunEvent>();
        for (var event = waiting.poll(); event != null; event = waiting.poll()) {
            bundle.add(event);
        }
        if (!bundle.isEmpty()) {
            receiver.accept(bundle);
        }
    }

    /** Delivers the rest and stops; on the JavaFX thread. */
    @Override
    public void close() {
        timer.stop();
        deliver();
    }
}
