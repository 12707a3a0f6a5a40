// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Numbers of the rows that climb, and the slots of the population that they belong to. */
final class Slots {
    private Slots() {}

    static double[] filled(int size, double value) {
        var values = new double[size];
        Arrays.fill(values, value);
        return values;
    }

    /** {@code others}, with values[i] in slot slots[i]. */
    static double[] spread(double[] values, int[] slots, double[] others) {
        var all = others.clone();
        for (int i = 0; i < slots.length; i++) {
            all[slots[i]] = values[i];
        }
        return all;
    }

    /** The values of some rows. */
    static double[] of(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> values[i]).toArray();
    }

    /** The scores of all slots: those that climb as they are now, the others as they were at their best. */
    static Scores told(Scores now, AscentSnapshot<?> at) {
        return new Scores(
                told(now.total(), at, Scores::total),
                told(now.parts(), at, Scores::parts),
                told(now.heldOut(), at, Scores::heldOut));
    }

    private static Map<String, double[]> told(
            Map<String, double[]> now, AscentSnapshot<?> at, Function<Scores, Map<String, double[]>> which) {
        var all = new LinkedHashMap<String, double[]>();
        now.forEach((name, values) ->
                all.put(name, told(values, at, scores -> which.apply(scores).get(name))));
        return all;
    }

    private static double[] told(double[] now, AscentSnapshot<?> at, Function<Scores, double[]> which) {
        var rest = filled(at.bestStep().length, Double.NaN);
        for (int slot = 0; slot < rest.length; slot++) {
            if (at.bestStep()[slot] >= 0) {
                rest[slot] = which.apply(at.history().get(at.bestStep()[slot]))[slot];
            }
        }
        return spread(now, at.climbing(), rest);
    }
}
