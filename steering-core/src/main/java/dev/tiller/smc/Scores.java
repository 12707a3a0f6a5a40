// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.Map;

/**
 * What an {@link Objective} says of a batch.
 *
 * @param total the reward of each row, larger is better; NaN where it cannot be said
 * @param parts the rewards that make up the total, by name, each unweighted and with one value for each row
 * @param heldOut rewards that nobody steers by, by name, of the same samples; usually none
 */
public record Scores(double[] total, Map<String, double[]> parts, Map<String, double[]> heldOut) {
    /** Scores with nothing held out. */
    public Scores(double[] total, Map<String, double[]> parts) {
        this(total, parts, Map.of());
    }

    /** A reward without parts. */
    public static Scores of(double... total) {
        return new Scores(total, Map.of());
    }
}
