// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.Trajectories.Stop;
import java.util.Arrays;

/**
 * The ways of particles on a plane, up to a step: a line for each descent, in the colour of its reward, those that have
 * descendants now over the faint ones that ended; a dot for each particle of the step. Both axes have one scale, so that
 * distances can be compared.
 */
public final class TrajectoryPlot {
    private static final double MARGIN = 22;
    private static final double FOOT = 34;
    private static final double KEY = 90;
    /** As many shades as the eye tells apart along a line; lines of one shade are drawn at once. */
    private static final int SHADES = 12;

    /** More particles than this are specks. */
    private static final int CROWD = 64;

    private final Trajectories ways;
    private final double width;
    private final double height;
    private final double scale;
    private final double left;
    private final double top;

    public TrajectoryPlot(Trajectories ways, double width, double height) {
        this.ways = ways;
        this.width = width;
        this.height = height;
        var x = ways.stops().stream()
                .flatMapToDouble(s -> Arrays.stream(s.x()))
                .filter(Double::isFinite)
                .summaryStatistics();
        var y = ways.stops().stream()
                .flatMapToDouble(s -> Arrays.stream(s.y()))
                .filter(Double::isFinite)
                .summaryStatistics();
        boolean empty = x.getCount() == 0;
        double wide = empty ? 1 : Math.max(1e-9, x.getMax() - x.getMin());
        double tall = empty ? 1 : Math.max(1e-9, y.getMax() - y.getMin());
        scale = Math.max(1e-9, Math.min((width - 2 * MARGIN) / wide, Math.max(1, height - MARGIN - FOOT - 8) / tall));
        left = width / 2 - scale * (empty ? 0 : (x.getMax() + x.getMin()) / 2);
        top = (height - FOOT + MARGIN) / 2 - scale * (empty ? 0 : (y.getMax() + y.getMin()) / 2);
    }

    public double x(Stop stop, int slot) {
        return left + scale * stop.x()[slot];
    }

    public double y(Stop stop, int slot) {
        return top + scale * stop.y()[slot];
    }

    /** What the axes and colours mean. */
    public void key(Pen pen, Palette palette) {
        double y = height - FOOT + 14;
        pen.text(
                palette.muted(),
                11,
                Pen.Anchor.LEFT,
                10,
                y,
                Messages.of("trajectories.spread", percent(0), percent(1)));
        if (Double.isFinite(ways.lowest()) && Double.isFinite(ways.highest())) {
            double from = width - 10 - KEY - 46;
            for (int shade = 0; shade < SHADES; shade++) {
                pen.box(ink(palette, shade), from + shade * KEY / SHADES, y + 4, KEY / SHADES + 0.5, 6);
            }
            pen.text(
                    palette.muted(),
                    11,
                    Pen.Anchor.RIGHT,
                    from - 6,
                    y,
                    Messages.of("trajectories.lowest", GridPlot.number(ways.lowest())));
            pen.text(palette.muted(), 11, Pen.Anchor.LEFT, from + KEY + 6, y, GridPlot.number(ways.highest()));
        }
    }

    private long percent(int axis) {
        return Math.round(100 * ways.share(axis));
    }

    /** All lines of the run, faint: a map on which {@link #draw} shows how far it went. */
    public void map(Pen pen, Palette palette) {
        lines(pen, palette, 1, ways.stops().size() - 1, 0.22, 0.14);
    }

    /**
     * The lines up to a stop.
     *
     * @param most lines at most, those that were drawn last
     */
    public void draw(Pen pen, Palette palette, int until, int most) {
        int last = Math.min(until, ways.stops().size() - 1);
        int from = last + 1;
        for (int lines = 0; from > 1; from--) {
            lines += ways.stops().get(from - 1).x().length;
            if (lines > most) {
                break;
            }
        }
        lines(pen, palette, from, last, 0.9, 0.4);
    }

    private void lines(Pen pen, Palette palette, int from, int last, double alive, double dead) {
        for (boolean surviving : new boolean[] {false, true}) {
            var lines = new Inked();
            // Good ones are drawn over bad ones.
            for (int shade = -1; shade < SHADES; shade++) {
                lines.first(ink(palette, shade).faint(surviving ? alive : dead));
            }
            for (int s = Math.max(1, from); s <= last; s++) {
                collect(
                        ways.stops().get(s - 1),
                        ways.stops().get(s),
                        surviving,
                        lines,
                        palette,
                        surviving ? alive : dead);
            }
            lines.draw((ink, ends) -> pen.lines(ink, surviving ? 1.6 : 0.9, ends));
        }
    }

    private void collect(Stop before, Stop stop, boolean surviving, Inked lines, Palette palette, double opacity) {
        for (int slot = 0; slot < stop.x().length; slot++) {
            int parent = stop.parents()[slot];
            if (stop.survives()[slot] == surviving
                    && Double.isFinite(stop.x()[slot])
                    && Double.isFinite(before.x()[parent])) {
                lines.add(
                        ink(palette, shade(stop.rewards()[slot])).faint(opacity),
                        x(before, parent),
                        y(before, parent),
                        x(stop, slot),
                        y(stop, slot));
            }
        }
    }

    private static Ink ink(Palette palette, int shade) {
        return shade < 0 ? palette.muted() : palette.reward((shade + 0.5) / SHADES);
    }

    /** The particles of a stop. */
    public void dots(Pen pen, Palette palette, int at) {
        if (at < 0 || at >= ways.stops().size()) {
            return;
        }
        var stop = ways.stops().get(at);
        boolean crowd = stop.x().length > CROWD;
        double radius = crowd ? 1.5 : 4;
        for (int slot = 0; slot < stop.x().length; slot++) {
            if (Double.isFinite(stop.x()[slot])) {
                var ink = ink(palette, shade(stop.rewards()[slot]));
                if (!crowd) {
                    pen.dot(palette.ground(), x(stop, slot), y(stop, slot), radius + 1.2);
                }
                pen.dot(ink, x(stop, slot), y(stop, slot), radius);
            }
        }
    }

    /** Rings a particle of a stop. */
    public void ring(Pen pen, Ink ink, int at, int slot) {
        if (at >= 0 && at < ways.stops().size() && slot >= 0) {
            var stop = ways.stops().get(at);
            if (slot < stop.x().length && Double.isFinite(stop.x()[slot])) {
                pen.frame(ink, 2, x(stop, slot) - 7, y(stop, slot) - 7, 14, 14);
            }
        }
    }

    private int shade(double reward) {
        if (!Double.isFinite(reward)) {
            return -1;
        }
        double range = ways.highest() - ways.lowest();
        return range <= 0
                ? SHADES - 1
                : (int) Math.max(0, Math.min(SHADES - 1, Math.floor(SHADES * (reward - ways.lowest()) / range)));
    }

    /** The slot of a stop that is nearest to a place, no farther than 14 pixels; -1 for none. */
    public int slotAt(int at, double x, double y) {
        int nearest = -1;
        if (at >= 0 && at < ways.stops().size()) {
            var stop = ways.stops().get(at);
            double best = 14;
            for (int slot = 0; slot < stop.x().length; slot++) {
                double distance = Math.hypot(x(stop, slot) - x, y(stop, slot) - y);
                if (distance < best) {
                    best = distance;
                    nearest = slot;
                }
            }
        }
        return nearest;
    }
}
