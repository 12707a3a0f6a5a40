// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.run.TillerException;

/**
 * A part of a run, in fractions of its steps counted from noise: step k of n lies in it if from ≤ k/n &lt; to.
 *
 * @param from in [0, 1]
 * @param to in [from, 1]
 */
public record Window(double from, double to) {
    /** All steps. */
    public static final Window ALL = new Window(0, 1);

    public Window {
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new TillerException(
                    "A window of steps goes from a fraction to a larger one, both in [0, 1], not from " + from + " to "
                            + to + ".");
        }
    }

    boolean contains(int step, int steps) {
        double at = (double) step / steps;
        return at >= from && at < to;
    }
}
