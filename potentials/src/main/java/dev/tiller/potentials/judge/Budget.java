// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.run.TillerException;

/** What may be spent on a judge. A call is paid for before it is made, so the limits are never exceeded. */
final class Budget {
    private final long mostCalls;
    private final long mostTokens;
    private long calls;
    private long tokens;
    private long reserved;

    /** @param mostCalls 0 for no limit; {@code mostTokens} too */
    Budget(long mostCalls, long mostTokens) {
        this.mostCalls = mostCalls == 0 ? Long.MAX_VALUE : mostCalls;
        this.mostTokens = mostTokens == 0 ? Long.MAX_VALUE : mostTokens;
    }

    /**
     * Before a call.
     *
     * @param estimate the most tokens that it may cost
     * @throws TillerException if it could exceed the budget
     */
    synchronized void reserve(long estimate) {
        if (calls >= mostCalls) {
            throw new TillerException(
                    "The judge's budget of " + mostCalls + " calls is spent; what was answered is kept,"
                            + " so with a larger budget the run goes on from here.");
        }
        if (mostTokens - tokens - reserved < estimate) {
            throw new TillerException("The judge's budget of " + mostTokens + " tokens could be exceeded by the next"
                    + " call (" + tokens + " are spent); what was answered is kept.");
        }
        calls++;
        reserved += estimate;
    }

    /** After a call: what it really cost; 0 where it failed. */
    synchronized void settle(long estimate, long cost) {
        reserved -= estimate;
        tokens += cost;
    }
}
