// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.run.Cost;
import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunListener;
import dev.tiller.run.StepReport;
import java.util.List;
import java.util.NoSuchElementException;

/** What ascent and search have in common: from state to state, telling the listeners, ending exactly once. */
abstract class IterativeRun<S extends IterativeRun.State> implements Run {
    /** A run between two steps. */
    interface State extends AutoCloseable {
        int step();

        @Override
        void close();
    }

    private final List<RunListener> listeners;
    private S state;
    private boolean ended;

    IterativeRun(S state, List<RunListener> listeners) {
        this.state = state;
        this.listeners = listeners;
    }

    /** Whether there is another step after this state. */
    abstract boolean goesOn(S from);

    /** The next state, new and complete; the old one stays. */
    abstract S advance(S from);

    abstract StepReport report(S after);

    /** The slots, best first. */
    abstract int[] order(S at);

    abstract Cost cost();

    final S state() {
        return state;
    }

    /** The slots, best first. */
    public int[] order() {
        return order(state);
    }

    @Override
    public boolean hasNext() {
        return !ended && goesOn(state);
    }

    @Override
    public StepReport next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the run has ended");
        }
        S after;
        try {
            after = advance(state);
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
        state.close();
        state = after;
        if (!goesOn(state)) {
            end(new Outcome.Completed(), order());
        }
        return report(state);
    }

    @Override
    public void close() {
        try {
            if (!ended) {
                end(goesOn(state) ? new Outcome.Cancelled(state.step()) : new Outcome.Completed(), order());
            }
        } finally {
            state.close();
        }
    }

    final void emit(RunEvent event) {
        listeners.forEach(listener -> listener.on(event));
    }

    private void fail(Throwable cause) {
        try {
            var message = cause.getMessage();
            end(new Outcome.Failed(cause.getClass().getSimpleName(), message == null ? "" : message), new int[0]);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void end(Outcome outcome, int[] order) {
        ended = true;
        emit(new RunEvent.RunEnded(outcome, order, Double.NaN, cost()));
    }
}
