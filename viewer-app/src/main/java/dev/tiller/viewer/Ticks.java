// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

/** Round numbers for an axis. */
public final class Ticks {
    private Ticks() {}

    /** A round distance, 1, 2 or 5 times a power of ten, that gives about {@code count} ticks over a range. */
    public static double distance(double range, int count) {
        double raw = range / count;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double digit = raw / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
