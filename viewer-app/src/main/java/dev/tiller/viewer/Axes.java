// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.record.Markup;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Where steps and values lie in a rectangle, with a grid and its numbers. */
final class Axes {
    private static final double LEFT = 52;
    private static final double RIGHT = 14;
    private static final double TOP = 22;
    private static final double FOOT = 20;

    private final double x;
    private final double y;
    private final double width;
    private final double height;
    private final int steps;
    private final boolean numbered;
    private final boolean logarithmic;
    private final double low;
    private final double high;

    /**
     * @param steps the horizontal axis goes from 0 to there
     * @param low smallest value
     * @param high largest value, may equal low
     * @param logarithmic only where low is above 0
     * @param numbered whether the steps are written below
     */
    Axes(
            double x,
            double y,
            double width,
            double height,
            int steps,
            double low,
            double high,
            boolean logarithmic,
            boolean numbered) {
        this.x = x;
        this.y = y;
        this.width = width;
        this.height = height;
        this.steps = steps;
        this.numbered = numbered;
        this.logarithmic = logarithmic && low > 0;
        double bottom = scaled(low);
        double top = scaled(high);
        double margin = Ticks.margin(bottom, top, 0.06);
        this.low = low == 0 ? 0 : bottom - margin;
        this.high = top + margin;
    }

    private double scaled(double value) {
        return logarithmic ? Math.log10(value) : value;
    }

    boolean logarithmic() {
        return logarithmic;
    }

    double x(double step) {
        return x + LEFT + (width - LEFT - RIGHT) * step / steps;
    }

    double y(double value) {
        return bottom() - (bottom() - top()) * (scaled(value) - low) / (high - low);
    }

    double right() {
        return x(steps);
    }

    double top() {
        return y + TOP;
    }

    double bottom() {
        return y + height - (numbered ? FOOT : 6);
    }

    void draw(Pen pen, Palette palette) {
        for (double value : ticks()) {
            double at = Math.round(y(value)) + 0.5;
            pen.line(palette.grid(), 1, x(0), at, x(steps), at);
            pen.text(palette.muted(), 11, Pen.Anchor.RIGHT, x(0) - 8, at - 7, Markup.number(value));
        }
        if (numbered) {
            double dx = Math.max(1, Ticks.distance(steps, Math.max(2, (int) (width / 70))));
            for (double s = 0; s <= steps; s += dx) {
                pen.text(palette.muted(), 11, Pen.Anchor.CENTRE, x(s), bottom() + 5, Markup.number(s));
            }
        }
    }

    private List<Double> ticks() {
        int count = Math.max(2, (int) ((bottom() - top()) / 40));
        if (!logarithmic) {
            var ticks = Ticks.between(low, high, Ticks.distance(high - low, count));
            // A single number tells no distances.
            for (int more = count + 1; ticks.size() < 2 && more < 4 * count; more++) {
                ticks = Ticks.between(low, high, Ticks.distance(high - low, more));
            }
            return ticks;
        }
        var fine = decades(1, 2, 5);
        return fine.size() <= count + 2 ? fine : decades(1);
    }

    private List<Double> decades(double... digits) {
        return IntStream.rangeClosed((int) Math.floor(low), (int) Math.ceil(high))
                .boxed()
                .flatMap(e -> DoubleStream.of(digits).mapToObj(digit -> digit * Math.pow(10, e)))
                .filter(value -> Math.log10(value) >= low && Math.log10(value) <= high)
                .toList();
    }
}
