// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.Map;

/**
 * What an {@link Objective} says of a batch.
 *
 * @param total the reward of each row, larger is better; NaN where it cannot be said
 * @param parts the rewards that make up the total, by name, each unweighted and with one value for each row
 */
public record Scores(double[] total, Map<String, double[]> parts) {
    /** A reward without parts. */
    public static Scores of(double... total) {
        return new Scores(total, Map.of());
    }
}
