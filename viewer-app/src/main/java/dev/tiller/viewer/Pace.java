// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.OptionalDouble;

/** How long a run still takes, by the steps since it began, or went on after a rest. */
public final class Pace {
    private static final int FEWEST_STEPS = 2;
    private static final double FEWEST_SECONDS = 2;

    private int from = -1;
    private long since;

    /** The run rests: what is measured begins anew. */
    public void rest() {
        from = -1;
    }

    /**
     * Seconds; empty where too little was seen to say so, or less than one is left.
     *
     * @param done steps that are made
     * @param steps of the whole run
     * @param nanos now, by {@link System#nanoTime}
     */
    public OptionalDouble left(int done, int steps, long nanos) {
        if (from < 0 || done < from) {
            from = done;
            since = nanos;
        }
        double seconds = (nanos - since) / 1e9;
        if (done - from < FEWEST_STEPS || seconds < FEWEST_SECONDS) {
            return OptionalDouble.empty();
        }
        double left = seconds / (done - from) * (steps - done);
        return left < 1 ? OptionalDouble.empty() : OptionalDouble.of(left);
    }
}
