// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Column;
import java.util.ArrayList;
import java.util.List;

/** Plots one below the other, their steps in line; the first is as high as two. */
public final class CurvesPlot {
    /** Dots need so many pixels of a step, where there are many lines. */
    private static final double DOT = 6;

    private static final int MANY = 4000;

    private record Panel(Plot plot, Axes axes) {}

    private final List<Panel> panels = new ArrayList<>();

    /** @param logarithmic whether values are, where all of a plot are above 0 */
    public CurvesPlot(List<Plot> plots, int steps, double width, double height, boolean logarithmic) {
        double unit = (height - 14) / (plots.size() + 1);
        double y = 0;
        for (int i = 0; i < plots.size(); i++) {
            var plot = plots.get(i);
            boolean last = i == plots.size() - 1;
            double tall = (i == 0 ? 2 : 1) * unit + (last ? 14 : 0);
            panels.add(new Panel(plot, new Axes(0, y, width, tall, steps, plot.low(), plot.high(), logarithmic, last)));
            y += tall;
        }
    }

    public void draw(Pen pen, Palette palette) {
        panels.forEach(panel -> draw(panel.plot(), panel.axes(), pen, palette));
    }

    private static void draw(Plot plot, Axes axes, Pen pen, Palette palette) {
        axes.draw(pen, palette);
        pen.text(
                palette.text(),
                11,
                Pen.Anchor.LEFT,
                axes.x(0),
                axes.top() - 18,
                axes.logarithmic() ? Messages.of("plot.logarithmic", plot.title()) : plot.title());
        pen.text(plot.keyInk().apply(palette), 11, Pen.Anchor.RIGHT, axes.right(), axes.top() - 18, plot.key());
        for (double step : plot.marks()) {
            pen.dashed(palette.alarm(), 1.2, axes.x(step), axes.top(), axes.x(step), axes.bottom());
        }
        plot.alarm()
                .ifPresent(step -> pen.line(
                        palette.alarm(), 2, axes.x(step + 1.0), axes.top(), axes.x(step + 1.0), axes.bottom()));
        boolean crowded = crowded(plot, axes);
        for (boolean strong : new boolean[] {false, true}) {
            var lines = new Inked();
            for (var stroke : plot.strokes()) {
                if (stroke.strong() == strong) {
                    lines.add(
                            stroke.ink().apply(palette),
                            axes.x(stroke.step()),
                            axes.y(stroke.value()),
                            axes.x(stroke.nextStep()),
                            axes.y(stroke.nextValue()));
                }
            }
            lines.draw((ink, ends) -> pen.lines(ink, strong && !crowded ? 1.8 : 1, ends));
            if (!crowded) {
                var dots = new Inked();
                for (var dot : plot.dots()) {
                    if (dot.strong() == strong) {
                        dots.add(dot.ink().apply(palette), axes.x(dot.step()), axes.y(dot.value()), strong ? 2.5 : 1.5);
                    }
                }
                dots.draw(pen::dots);
            }
        }
    }

    /** Whether dots would hide the lines. */
    private static boolean crowded(Plot plot, Axes axes) {
        return plot.strokes().size() > MANY && axes.x(1) - axes.x(0) < DOT;
    }

    /** A line through all panels, at the end of a step. */
    public void cursor(Pen pen, Ink ink, int step) {
        if (!panels.isEmpty()) {
            double x = Math.round(panels.get(0).axes().x(step + 1.0)) + 0.5;
            pen.line(
                    ink,
                    1,
                    x,
                    panels.get(0).axes().top(),
                    x,
                    panels.get(panels.size() - 1).axes().bottom());
        }
    }

    /** Rings the reward of a particle. */
    public void ring(Pen pen, Ink ink, Column column, int slot) {
        for (var panel : panels) {
            double reward = slot >= 0 && slot < column.rewards().length ? column.rewards()[slot] : Double.NaN;
            if (panel.plot().name().equals(Plots.REWARD) && Double.isFinite(reward)) {
                pen.dot(ink, panel.axes().x(column.step() + 1.0), panel.axes().y(reward), 5);
            }
        }
    }

    /** The index of the column whose step is nearest to a place. */
    public int nearest(List<Column> columns, double x) {
        int nearest = 0;
        for (int c = 1; c < columns.size() && !panels.isEmpty(); c++) {
            if (distance(columns.get(c), x) < distance(columns.get(nearest), x)) {
                nearest = c;
            }
        }
        return nearest;
    }

    private double distance(Column column, double x) {
        return Math.abs(panels.get(0).axes().x(column.step() + 1.0) - x);
    }
}
