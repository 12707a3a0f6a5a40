// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Who descends from whom, at no more columns than can be drawn. */
public final class Lineage {
    private final List<Column> columns;
    /** For each column, whether a slot has descendants at the end. */
    private final List<boolean[]> survives = new ArrayList<>();
    /** For each column, the slot of the beginning that a slot descends from. */
    private final List<int[]> origins = new ArrayList<>();
    /** The origin of each surviving line, numbered in order. */
    private final Map<Integer, Integer> colours = new HashMap<>();

    /** @param finals the slots of the last column that are among the final pictures */
    public Lineage(List<Column> all, int most, List<Integer> finals) {
        columns = thinned(all, most);
        for (var column : columns) {
            var before = origins.isEmpty() ? null : origins.get(origins.size() - 1);
            origins.add(IntStream.of(column.parents())
                    .map(parent -> before == null ? parent : before[parent])
                    .toArray());
        }
        for (int c = columns.size() - 1; c >= 0; c--) {
            var alive = new boolean[columns.get(c).rewards().length];
            if (c == columns.size() - 1) {
                finals.forEach(slot -> alive[slot] = true);
            } else {
                var next = columns.get(c + 1).parents();
                var nextAlive = survives.get(survives.size() - 1);
                IntStream.range(0, next.length).filter(i -> nextAlive[i]).forEach(i -> alive[next[i]] = true);
            }
            survives.add(alive);
        }
        Collections.reverse(survives);
        if (!columns.isEmpty()) {
            var lines = new TreeSet<Integer>();
            int last = columns.size() - 1;
            finals.forEach(slot -> lines.add(origins.get(last)[slot]));
            lines.forEach(origin -> colours.put(origin, colours.size()));
        }
    }

    /** All columns of a run; those that live now are the ones that survive. */
    public static Lineage of(RunHistory history) {
        return of(history, Integer.MAX_VALUE);
    }

    /** As {@link #of(RunHistory)}, at no more columns than {@code most}. */
    public static Lineage of(RunHistory history, int most) {
        var now = IntStream.range(0, history.columns().isEmpty() ? 0 : history.alive())
                .map(history::inLastColumn)
                .distinct()
                .boxed()
                .toList();
        return new Lineage(history.columns(), most, now);
    }

    /** Some of the columns, evenly, the first and last among them; parents lead over those left out. */
    private static List<Column> thinned(List<Column> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        var kept = new ArrayList<Column>();
        var parents = new int[0];
        for (int i = 0; i < all.size(); i++) {
            var column = all.get(i);
            var before = parents;
            parents = i == 0 || before.length == 0
                    ? column.parents()
                    : IntStream.of(column.parents()).map(p -> before[p]).toArray();
            // Kept is the i that first reaches the next of `most` equal parts.
            if (i == 0 || (long) i * (most - 1) / (all.size() - 1) > (long) (i - 1) * (most - 1) / (all.size() - 1)) {
                kept.add(new Column(
                        column.step(),
                        column.rewards(),
                        column.rewardParts(),
                        column.weights(),
                        column.ess(),
                        parents));
                parents = new int[0];
            }
        }
        return kept;
    }

    public List<Column> columns() {
        return columns;
    }

    public boolean survives(int column, int slot) {
        return survives.get(column)[slot];
    }

    public int origin(int column, int slot) {
        return origins.get(column)[slot];
    }

    /** The number of the surviving line that a slot belongs to, from 0; -1 if its origin has no descendants at the end. */
    public int line(int column, int slot) {
        return colours.getOrDefault(origin(column, slot), -1);
    }

    /** How many of the first particles have descendants in a column. */
    public int origins(int column) {
        return (int) IntStream.of(origins.get(column)).distinct().count();
    }

    /** How many of the first particles have descendants at the end. */
    public int survivingOrigins() {
        return colours.size();
    }

    /** The most particles of a column. */
    public int tallest() {
        return columns.stream().mapToInt(c -> c.rewards().length).max().orElse(0);
    }

    /** Smallest and largest reward of all columns; {0, 1} where there is none. */
    public double[] rewardRange() {
        var finite = columns.stream()
                .flatMapToDouble(c -> Arrays.stream(c.rewards()))
                .filter(Double::isFinite)
                .summaryStatistics();
        return finite.getCount() == 0 ? new double[] {0, 1} : new double[] {finite.getMin(), finite.getMax()};
    }
}
