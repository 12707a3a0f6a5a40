// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.record.Markup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The finished pictures of a run on the plane of two of its rewards. Those that no other beats in both, its Pareto front, are
 * joined by a line.
 */
final class FrontPlot {
    static final double WIDTH = 500;
    static final double HEIGHT = 340;

    private static final int MOST_REWARDS = 3;
    private static final double LEFT = 58;
    private static final double RIGHT = 44;
    private static final double TOP = 30;
    private static final double FOOT = 44;

    /** What the name of a reward inside a combination follows. */
    private static final String INSIDE = ": ";

    private final String across;
    private final String up;
    private final List<Integer> slots;
    private final double[][] values;
    private final List<Integer> front;

    /** @param values across and up, of each picture */
    private FrontPlot(String across, String up, List<Integer> slots, double[][] values) {
        this.across = across;
        this.up = up;
        this.slots = slots;
        this.values = values;
        this.front = IntStream.range(0, slots.size())
                .filter(i -> IntStream.range(0, slots.size()).noneMatch(j -> beats(j, i)))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[0][i]))
                .toList();
    }

    /** One for each two of the first three rewards that were looked at separately; none where a run had but one. */
    static List<FrontPlot> of(RunHistory history) {
        var slots = history.order();
        var parts = slots.stream().map(history::parts).toList();
        var names = parts.stream().findFirst().map(Map::keySet).stream()
                .flatMap(all -> all.stream().filter(name -> !isCombination(name, all)))
                .limit(MOST_REWARDS)
                .toList();
        var plots = new ArrayList<FrontPlot>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                var known = names.get(i);
                var other = names.get(j);
                var judged = IntStream.range(0, slots.size())
                        .filter(k -> isNumber(parts.get(k).get(known))
                                && isNumber(parts.get(k).get(other)))
                        .boxed()
                        .toList();
                if (judged.size() > 1) {
                    double[][] values = Stream.of(known, other)
                            .map(name -> judged.stream()
                                    .mapToDouble(k -> parts.get(k).get(name))
                                    .toArray())
                            .toArray(double[][]::new);
                    plots.add(new FrontPlot(
                            shortened(known),
                            shortened(other),
                            judged.stream().map(slots::get).toList(),
                            values));
                }
            }
        }
        return plots;
    }

    /** At least as good in both, and better in one. */
    private boolean beats(int i, int j) {
        return values[0][i] >= values[0][j]
                && values[1][i] >= values[1][j]
                && (values[0][i] > values[0][j] || values[1][i] > values[1][j]);
    }

    private static boolean isNumber(@Nullable Double value) {
        return value != null && Double.isFinite(value);
    }

    private static boolean isCombination(String name, Iterable<String> all) {
        for (var other : all) {
            if (other.startsWith(name + INSIDE)) {
                return true;
            }
        }
        return false;
    }

    private static String shortened(String name) {
        return name.substring(name.lastIndexOf(INSIDE) < 0 ? 0 : name.lastIndexOf(INSIDE) + INSIDE.length());
    }

    /** What it shows, in a few words. */
    String title() {
        return across + " and " + up;
    }

    /** The slots of the front, from the least of the first reward to the most. */
    List<Integer> front() {
        return front.stream().map(slots::get).toList();
    }

    void draw(Pen pen, Palette palette) {
        var x = new Range(values[0], LEFT, WIDTH - RIGHT);
        var y = new Range(values[1], HEIGHT - FOOT, TOP);
        for (double value : x.ticks(4)) {
            pen.line(palette.grid(), 1, x.at(value), TOP, x.at(value), HEIGHT - FOOT);
            pen.text(palette.muted(), 11, Pen.Anchor.CENTRE, x.at(value), HEIGHT - FOOT + 5, Markup.number(value));
        }
        for (double value : y.ticks(5)) {
            pen.line(palette.grid(), 1, LEFT, y.at(value), WIDTH - RIGHT, y.at(value));
            pen.text(palette.muted(), 11, Pen.Anchor.RIGHT, LEFT - 8, y.at(value) - 7, Markup.number(value));
        }
        pen.text(palette.text(), 12, Pen.Anchor.CENTRE, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 19, across);
        pen.text(palette.text(), 12, Pen.Anchor.LEFT, 10, 6, up);
        for (int k = 1; k < front.size(); k++) {
            int from = front.get(k - 1);
            int to = front.get(k);
            pen.line(
                    palette.accent(),
                    1.6,
                    x.at(values[0][from]),
                    y.at(values[1][from]),
                    x.at(values[0][to]),
                    y.at(values[1][to]));
        }
        for (int i = 0; i < slots.size(); i++) {
            boolean first = front.contains(i);
            double px = x.at(values[0][i]);
            double py = y.at(values[1][i]);
            pen.dot(first ? palette.accent() : palette.muted(), px, py, first ? 5 : 3.5);
            pen.text(
                    first ? palette.text() : palette.muted(),
                    11,
                    Pen.Anchor.LEFT,
                    px + 8,
                    py - 7,
                    Messages.of("grid.number", slots.get(i) + 1));
        }
    }

    /** Where values lie between two places. */
    private static final class Range {
        private final double low;
        private final double high;
        private final double from;
        private final double to;

        Range(double[] values, double from, double to) {
            var all = Arrays.stream(values).summaryStatistics();
            double margin = Ticks.margin(all.getMin(), all.getMax(), 0.08);
            this.low = all.getMin() - margin;
            this.high = all.getMax() + margin;
            this.from = from;
            this.to = to;
        }

        double at(double value) {
            return from + (to - from) * (value - low) / (high - low);
        }

        List<Double> ticks(int count) {
            return Ticks.between(low, high, Ticks.distance(high - low, count));
        }
    }
}
