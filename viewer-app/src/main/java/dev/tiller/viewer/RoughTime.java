// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Locale;

/** Seconds in words, as exact as an estimate deserves. */
public final class RoughTime {
    private RoughTime() {}

    /** Such as {@code 40 s}, {@code 12 min}, {@code 2.5 h}. */
    public static String of(double seconds) {
        return seconds < 1
                ? "less than a second"
                : seconds < 90
                        ? Math.round(seconds) + " s"
                        : seconds < 5400
                                ? Math.round(seconds / 60) + " min"
                                : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }
}
