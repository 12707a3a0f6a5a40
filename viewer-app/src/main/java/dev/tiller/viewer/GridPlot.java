// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Column;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The particles of one judging side by side: the picture of each, its reward, its weight as a bar. Those without descendants
 * fade; the colour of a frame is the family.
 */
public final class GridPlot {
    private static final double GAP = 10;
    private static final double LABEL = 24;

    private final int particles;
    private final int across;
    private final double cell;

    /** The largest square cells that all fit. */
    public GridPlot(int particles, double width, double height) {
        this.particles = particles;
        double best = 0;
        int columns = 1;
        for (int c = 1; c <= particles; c++) {
            int rows = (particles + c - 1) / c;
            double side = Math.min((width - GAP) / c - GAP, (height - GAP) / rows - GAP - LABEL);
            if (side > best) {
                best = side;
                columns = c;
            }
        }
        across = columns;
        cell = Math.max(4, Math.min(best, 320));
    }

    /** How many stand side by side. */
    public int across() {
        return across;
    }

    /** The slot whose cell is there; -1 for none. */
    public int slotAt(double x, double y) {
        if (x < GAP || y < GAP) {
            return -1;
        }
        int column = (int) Math.floor((x - GAP) / (cell + GAP));
        int slot = (int) Math.floor((y - GAP) / (cell + LABEL + GAP)) * across + column;
        return column < across && slot < particles ? slot : -1;
    }

    private double x(int slot) {
        return GAP + slot % across * (cell + GAP);
    }

    private double y(int slot) {
        int down = slot / across;
        return GAP + down * (cell + LABEL + GAP);
    }

    /**
     * @param index of the column in the lineage
     * @param pictures the SHA-256 of the picture of a slot
     */
    public void draw(Pen pen, Palette palette, Lineage lineage, int index, IntFunction<Optional<String>> pictures) {
        var column = lineage.columns().get(index);
        for (int slot = 0; slot < particles; slot++) {
            draw(pen, palette, lineage, index, column, slot, pictures.apply(slot));
        }
    }

    private void draw(
            Pen pen, Palette palette, Lineage lineage, int index, Column column, int slot, Optional<String> picture) {
        double x = x(slot);
        double y = y(slot);
        boolean survives = lineage.survives(index, slot);
        double opacity = survives ? 1 : 0.35;
        var ink = palette.line(lineage.line(index, slot)).faint(opacity);
        if (picture.filter(sha -> pen.picture(sha, opacity, x, y, cell, cell)).isEmpty()) {
            pen.box(palette.card().faint(opacity), x, y, cell, cell);
        }
        pen.frame(ink, survives ? 2 : 1, x, y, cell, cell);
        pen.box(palette.grid(), x, y + cell + 3, cell, 3);
        pen.box(ink, x, y + cell + 3, cell * column.weights()[slot], 3);
        if (cell > 40) {
            pen.text(
                    palette.text().faint(Math.max(opacity, 0.7)),
                    11,
                    Pen.Anchor.LEFT,
                    x,
                    y + cell + 8,
                    number(column.rewards()[slot]));
            if (cell > 84) {
                pen.text(
                        palette.muted(),
                        11,
                        Pen.Anchor.RIGHT,
                        x + cell,
                        y + cell + 8,
                        Messages.of("grid.number", slot + 1));
            }
        }
    }

    /** Rings a particle's picture. */
    public void ring(Pen pen, Ink ink, int slot) {
        if (slot >= 0 && slot < particles) {
            pen.frame(ink, 3, x(slot), y(slot), cell, cell);
        }
    }

    /** Writes over a particle's picture what is to be done with it. */
    public void mark(Pen pen, Palette palette, int slot, String sign) {
        if (slot >= 0 && slot < particles) {
            double width = 7.2 * sign.length() + 8;
            pen.box(palette.accent(), x(slot), y(slot), Math.min(cell, width), Math.min(cell, 19));
            if (width <= cell) {
                pen.text(palette.ground(), 11, Pen.Anchor.LEFT, x(slot) + 4, y(slot) + 3, sign);
            }
        }
    }

    /** A reward in words. */
    public static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : Messages.of("grid.unjudged");
    }
}
