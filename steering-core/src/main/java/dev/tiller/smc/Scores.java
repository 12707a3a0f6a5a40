// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * What an {@link Objective} says of a batch.
 *
 * @param total the reward of each row, larger is better, in the reward's own unit; NaN where it cannot be said
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

    /** The rows of all, in order; the same rewards have looked at each. */
    public static Scores concat(List<Scores> all) {
        return new Scores(
                all.stream().flatMapToDouble(s -> DoubleStream.of(s.total())).toArray(),
                byName(all, Scores::parts),
                byName(all, Scores::heldOut));
    }

    private static Map<String, double[]> byName(List<Scores> all, Function<Scores, Map<String, double[]>> which) {
        var joined = new LinkedHashMap<String, double[]>();
        all.forEach(scores -> which.apply(scores)
                .forEach((name, values) -> joined.merge(
                        name,
                        values,
                        (a, b) -> DoubleStream.concat(DoubleStream.of(a), DoubleStream.of(b))
                                .toArray())));
        return joined;
    }
}
