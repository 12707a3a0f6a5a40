// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.at;
import static dev.tiller.record.Markup.escape;
import static dev.tiller.record.Markup.number;

/** A chart over the steps of a run, as SVG: axes first, then what is drawn on them. */
final class Chart {
    private static final double WIDTH = 520;
    private static final double HEIGHT = 250;
    private static final double LEFT = 54;
    private static final double RIGHT = 14;
    private static final double TOP = 14;
    private static final double BOTTOM = 40;

    private final StringBuilder svg = new StringBuilder();
    private final double lastStep;
    private final double low;
    private final double high;

    /**
     * @param steps of the run; the horizontal axis goes from 0 to there
     * @param low at the bottom
     * @param high at the top; may equal low
     */
    Chart(String title, int steps, double low, double high) {
        lastStep = steps;
        double margin = Ticks.margin(low, high, 0.06);
        this.low = low == 0 ? 0 : low - margin;
        this.high = high + margin;
        svg.append("<svg class=\"chart\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">"
                .formatted(at(WIDTH), at(HEIGHT), escape(title)));
        double dy = Ticks.distance(this.high - this.low, 5);
        for (double v = Math.ceil(this.low / dy) * dy; v <= this.high + 1e-9 * dy; v += dy) {
            // Adding up leaves 1e-17 where 0 is meant.
            double value = Math.round(v / dy) * dy;
            svg.append("<line class=\"grid\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>"
                    .formatted(at(LEFT), at(WIDTH - RIGHT), at(y(value)), at(y(value))));
            text("tick", LEFT - 8, y(value) + 4, "end", number(value));
        }
        double dx = Math.max(1, Ticks.distance(lastStep, 6));
        for (double s = 0; s <= lastStep; s += dx) {
            text("tick", x(s), HEIGHT - BOTTOM + 18, "middle", number(s));
        }
        text("tick", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle", "step");
    }

    double x(double step) {
        return LEFT + (WIDTH - LEFT - RIGHT) * step / lastStep;
    }

    double y(double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low);
    }

    private void text(String style, double x, double y, String anchor, String text) {
        svg.append("<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
                .formatted(style, at(x), at(y), anchor, escape(text)));
    }

    /** A line from one point to the next; nothing where a value is not finite. */
    Chart line(String style, double step, double value, double nextStep, double nextValue) {
        if (Double.isFinite(value) && Double.isFinite(nextValue)) {
            svg.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                    .formatted(style, at(x(step)), at(y(value)), at(x(nextStep)), at(y(nextValue))));
        }
        return this;
    }

    /** A dot that says something when pointed at. */
    Chart dot(String style, double step, double value, String says) {
        if (Double.isFinite(value)) {
            svg.append("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s</title></circle>"
                    .formatted(style, at(x(step)), at(y(value)), escape(says)));
        }
        return this;
    }

    /** A vertical mark over the whole height. */
    Chart mark(String style, double step, String says) {
        svg.append("<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"><title>%s</title></line>"
                .formatted(style, at(x(step)), at(x(step)), at(TOP), at(HEIGHT - BOTTOM), escape(says)));
        return this;
    }

    /** A horizontal line with its name. */
    Chart level(String style, double value, String name) {
        svg.append("<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>"
                .formatted(style, at(LEFT), at(WIDTH - RIGHT), at(y(value)), at(y(value))));
        text("tick", LEFT + 4, y(value) - 5, "start", name);
        return this;
    }

    String svg() {
        return svg + "</svg>";
    }
}
