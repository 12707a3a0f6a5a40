// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javafx.application.Platform;

/**
 * Carries events from the thread of a run to the window, all that have come in one bundle, a few bundles a second: an eye needs
 * no more, and each costs the run some of its processor. The run never waits for the window.
 */
public final class Feed implements RunListener, AutoCloseable {
    private static final int DELAY_MILLIS = 200;

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "feed");
        thread.setDaemon(true);
        return thread;
    });

    private final ConcurrentLinkedQueue<RunEvent> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Consumer<List<RunEvent>> receiver;

    /** @param receiver called on the JavaFX thread with at least one event */
    public Feed(Consumer<List<RunEvent>> receiver) {
        this.receiver = receiver;
    }

    @Override
    public void on(RunEvent event) {
        waiting.add(event);
        if (awaited.compareAndSet(false, true)) {
            var unused = CLOCK.schedule(() -> Platform.runLater(this::deliver), DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Delivers what is waiting; on the JavaFX thread. */
    void deliver() {
        // What comes from here on is delivered by the next.
        awaited.set(false);
        var bundle = new ArrayList<RunEvent>();
        for (var event = waiting.poll(); event != null; event = waiting.poll()) {
            bundle.add(event);
        }
        if (!bundle.isEmpty()) {
            receiver.accept(bundle);
        }
    }

    /** Delivers the rest, after the last event; on the JavaFX thread. */
    @Override
    public void close() {
        deliver();
    }
}
