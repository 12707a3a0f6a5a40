// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.List;
import java.util.stream.IntStream;

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

    /**
     * How far an axis goes beyond its values on either side. Values that differ only in their last digits are as one: between
     * them there are no numbers to write.
     *
     * @param share of the range that is left free
     */
    static double margin(double low, double high, double share) {
        double most = Math.max(Math.abs(low), Math.abs(high));
        return high - low > 1e-9 * most ? share * (high - low) : Math.max(1e-6, 0.1 * most);
    }

    /** The multiples of a distance from low to high. */
    static List<Double> between(double low, double high, double distance) {
        // From whole numbers: adding up leaves 1e-17 where 0 is meant.
        return IntStream.rangeClosed((int) Math.ceil(low / distance), (int) Math.floor(high / distance))
                .mapToObj(i -> i * distance)
                .toList();
    }
}
