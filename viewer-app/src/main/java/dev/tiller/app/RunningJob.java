// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.Decision;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.window.Studio;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Stops a run between two steps, lets it wait there, and carries out what somebody decides. */
final class RunningJob implements Studio.Job, Control {
    private static final long GLANCE_NANOS = 50_000_000;

    private final Studio.Watcher watcher;
    private final Queue<Decision.At> decisions = new ConcurrentLinkedQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stop;
    private volatile boolean waiting;

    /** @param watcher told of decisions that cannot be */
    RunningJob(Studio.Watcher watcher) {
        this.watcher = watcher;
    }

    @Override
    public void stop() {
        stop = true;
    }

    @Override
    public void pause(boolean wait) {
        waiting = wait;
    }

    @Override
    public void decide(int step, Decision decision) {
        decisions.add(new Decision.At(step, decision));
    }

    @Override
    public void join() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void over() {
        over.countDown();
    }

    @Override
    public boolean goOn(int step, Consumer<Decision> hand) {
        while (true) {
            // What was decided before it was let go is carried out before it goes.
            boolean waits = waiting && !stop;
            carryOut(step, hand);
            if (!waits) {
                return !stop;
            }
            LockSupport.parkNanos(GLANCE_NANOS);
        }
    }

    private void carryOut(int step, Consumer<Decision> hand) {
        for (var at = decisions.poll(); at != null; at = decisions.poll()) {
            if (at.step() >= 0 && at.step() != step) {
                watcher.refused("The run has gone on since; pause it, and decide again.");
                continue;
            }
            try {
                hand.accept(at.decision());
            } catch (TillerException e) {
                watcher.refused(String.valueOf(e.getMessage()));
            }
        }
    }
}
