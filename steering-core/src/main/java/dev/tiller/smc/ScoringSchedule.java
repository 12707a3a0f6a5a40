// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;

/**
 * The steps after which the samples are decoded and scored: start, start + every, ... up to end, and always the last.
 *
 * @param start first scored step, counting from 0
 * @param end no step after it is scored but the last; it may lie beyond the last
 * @param every steps from one scoring to the next, at least 1
 */
public record ScoringSchedule(int start, int end, int every) {
    /** @throws TillerException if {@code every} is below 1 or {@code start} below 0 */
    public ScoringSchedule {
        if (every < 1) {
            throw new TillerException("Particles are scored every so many steps, at least 1, but not " + every + ".");
        }
        if (start < 0) {
            throw new TillerException("Scoring starts at step 0 or later, but not at step " + start + ".");
        }
    }

    /** The last step only. */
    public static ScoringSchedule lastOnly() {
        return new ScoringSchedule(0, -1, 1);
    }

    /** Steps start, start + every, ... and the last. */
    public static ScoringSchedule from(int start, int every) {
        return new ScoringSchedule(start, Integer.MAX_VALUE, every);
    }

    /** Whether {@code step} of {@code steps} is scored. */
    public boolean scores(int step, int steps) {
        return step == steps - 1 || isEarly(step);
    }

    /** Whether a step is scored before the last. */
    boolean anyEarly(int steps) {
        return start <= end && start < steps - 1;
    }

    /** The last scored step before the last step of all; -1 if there is none. */
    int lastEarly(int steps) {
        for (int step = steps - 2; step >= start; step--) {
            if (isEarly(step)) {
                return step;
            }
        }
        return -1;
    }

    private boolean isEarly(int step) {
        return step >= start && step <= end && (step - start) % every == 0;
    }
}
