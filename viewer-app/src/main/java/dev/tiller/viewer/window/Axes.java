// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Ticks;
import java.math.BigDecimal;
import java.math.MathContext;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

/** Where steps and values lie in a part of a canvas, with a grid and its numbers. */
final class Axes {
    private static final double LEFT = 46;
    private static final double RIGHT = 12;
    private static final double TOP = 22;
    private static final double BOTTOM = 20;

    private final String title;
    private final double x;
    private final double y;
    private final double width;
    private final double height;
    private final int steps;
    private final double low;
    private final double high;

    /**
     * @param steps the horizontal axis goes from 0 to there
     * @param low smallest value
     * @param high largest value, may equal low
     */
    Axes(String title, double x, double y, double width, double height, int steps, double low, double high) {
        this.title = title;
        this.x = x;
        this.y = y;
        this.width = width;
        this.height = height;
        this.steps = steps;
        double margin = high > low ? 0.06 * (high - low) : Math.max(1e-6, Math.abs(high) * 0.1);
        this.low = low == 0 ? 0 : low - margin;
        this.high = high + margin;
    }

    double x(double step) {
        return x + LEFT + (width - LEFT - RIGHT) * step / steps;
    }

    double y(double value) {
        return bottom() - (bottom() - top()) * (value - low) / (high - low);
    }

    double top() {
        return y + TOP;
    }

    double bottom() {
        return y + height - BOTTOM;
    }

    void draw(GraphicsContext g, Palette palette) {
        g.setFont(Font.font(11));
        g.setTextBaseline(VPos.CENTER);
        g.setTextAlign(TextAlignment.RIGHT);
        g.setLineWidth(1);
        double dy = Ticks.distance(high - low, Math.max(2, (int) ((bottom() - top()) / 40)));
        for (double v = Math.ceil(low / dy) * dy; v <= high; v += dy) {
            // Adding up leaves 1e-17 where 0 is meant.
            double value = Math.round(v / dy) * dy;
            double at = Math.round(y(value)) + 0.5;
            g.setStroke(palette.grid());
            g.strokeLine(x(0), at, x(steps), at);
            g.setFill(palette.muted());
            g.fillText(text(value), x(0) - 8, at);
        }
        g.setTextAlign(TextAlignment.CENTER);
        g.setTextBaseline(VPos.TOP);
        double dx = Math.max(1, Ticks.distance(steps, Math.max(2, (int) (width / 70))));
        for (double s = 0; s <= steps; s += dx) {
            g.fillText(text(s), x(s), bottom() + 5);
        }
        g.setTextAlign(TextAlignment.LEFT);
        g.setFill(palette.text());
        g.fillText(title, x(0), y + 4);
    }

    private static String text(double value) {
        return new BigDecimal(value, new MathContext(4)).stripTrailingZeros().toPlainString();
    }
}
