// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Column;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Who descends from whom: a column for each judging, a node for each particle, its size by its weight, a curve to its
 * parent; the lines that live now in the colours of their families, the others faint.
 */
public final class LineagePlot {
    private static final double HEADER = 22;
    /** Below this height of a row, nodes are dots. */
    private static final double PICTURE = 14;
    /** Below this width of a column, curves are straight. */
    private static final double BEND = 8;
    /** Below this height of a row there is no room for dots. */
    private static final double SPECK = 1;

    /**
     * What part of the whole is seen.
     *
     * @param zoom at least 1
     * @param left where the left border of the whole is, at most 0
     * @param top where its upper border is, at most 0
     */
    public record Window(double zoom, double left, double top) {
        public static final Window ALL = new Window(1, 0, 0);
    }

    private final Lineage lineage;
    private final double width;
    private final double height;
    private final Window window;
    private final double pitch;
    private final double row;

    public LineagePlot(Lineage lineage, double width, double height, Window window) {
        this.lineage = lineage;
        this.width = width;
        this.height = height;
        this.window = window;
        pitch = width * window.zoom() / Math.max(1, lineage.columns().size());
        row = (height - HEADER - 4) * window.zoom() / Math.max(1, lineage.tallest());
    }

    public double x(int column) {
        return window.left() + (column + 0.5) * pitch;
    }

    public double y(int column, int slot) {
        int n = lineage.columns().get(column).rewards().length;
        return HEADER + window.top() + ((lineage.tallest() - n) / 2.0 + slot + 0.5) * row;
    }

    /** The column that is there, the first or last beyond them. */
    public int columnAt(double x) {
        return Math.max(0, Math.min(lineage.columns().size() - 1, (int) Math.floor((x - window.left()) / pitch)));
    }

    /** The slot of a column that is there; -1 for none. */
    public int slotAt(int column, double y) {
        int n = lineage.columns().get(column).rewards().length;
        int slot = (int) Math.floor((y - HEADER - window.top()) / row - (lineage.tallest() - n) / 2.0);
        return slot >= 0 && slot < n ? slot : -1;
    }

    /** @param pictures the SHA-256 of the picture of a slot of a column */
    public void draw(Pen pen, Palette palette, BiFunction<Column, Integer, Optional<String>> pictures) {
        if (lineage.columns().isEmpty()) {
            return;
        }
        int from = Math.max(0, (int) Math.floor(-window.left() / pitch) - 1);
        int to = Math.min(lineage.columns().size(), (int) Math.ceil((width - window.left()) / pitch) + 1);
        for (boolean surviving : new boolean[] {false, true}) {
            var edges = new Inked();
            for (int c = Math.max(1, from); c < to; c++) {
                edges(edges, palette, c, surviving);
            }
            double stroke = surviving ? 1.8 : 0.8;
            edges.draw((ink, ends) -> {
                if (pitch < BEND) {
                    pen.lines(ink, Math.min(stroke, Math.max(0.6, row)), ends);
                } else {
                    pen.bends(ink, Math.min(stroke, Math.max(0.6, row)), ends);
                }
            });
        }
        if (room() >= PICTURE) {
            for (int c = from; c < to; c++) {
                for (int slot = 0; slot < lineage.columns().get(c).rewards().length; slot++) {
                    node(pen, palette, c, slot, pictures);
                }
            }
        } else if (room() >= SPECK) {
            var dots = new Inked();
            for (int c = from; c < to; c++) {
                dots(dots, palette, c);
            }
            dots.draw(pen::dots);
        }
        pen.box(palette.ground().faint(0.85), 0, 0, width, HEADER - 4);
        int every = (int) Math.max(1, Math.ceil(44 / pitch));
        for (int c = from; c < to; c++) {
            if (c % every == 0) {
                pen.text(
                        palette.muted(),
                        11,
                        Pen.Anchor.CENTRE,
                        x(c),
                        3,
                        Integer.toString(lineage.columns().get(c).step() + 1));
            }
        }
    }

    /** What comes after the cursor is veiled, its column is lit. */
    public void cursor(Pen pen, Palette palette, int column) {
        if (column < lineage.columns().size()) {
            double from = x(column) - pitch / 2;
            pen.box(palette.accent().faint(0.12), from, 0, pitch, height);
            pen.box(palette.ground().faint(0.6), from + pitch, HEADER - 4, Math.max(0, width - from - pitch), height);
        }
    }

    /** Rings a node. */
    public void ring(Pen pen, Ink ink, int column, int slot) {
        if (column < lineage.columns().size()
                && slot >= 0
                && slot < lineage.columns().get(column).rewards().length) {
            double side = Math.max(8, Math.min(76, room()));
            pen.frame(ink, 3, x(column) - side / 2, y(column, slot) - side / 2, side, side);
        }
    }

    /** Pictures are no larger than this. */
    private double room() {
        return Math.min(row - 2, pitch * 0.62);
    }

    private void edges(Inked edges, Palette palette, int c, boolean surviving) {
        var parents = lineage.columns().get(c).parents();
        for (int slot = 0; slot < parents.length; slot++) {
            if (lineage.survives(c, slot) == surviving) {
                double fromY = y(c - 1, parents[slot]);
                double toY = y(c, slot);
                if (Math.max(fromY, toY) >= 0 && Math.min(fromY, toY) <= height) {
                    var ink = surviving
                            ? palette.line(lineage.line(c, slot)).faint(0.95)
                            : palette.muted().faint(0.4);
                    edges.add(ink, x(c - 1), fromY, x(c), toY);
                }
            }
        }
    }

    private void dots(Inked dots, Palette palette, int c) {
        var column = lineage.columns().get(c);
        for (int slot = 0; slot < column.rewards().length; slot++) {
            double y = y(c, slot);
            if (y >= -room() && y <= height + room()) {
                dots.add(ink(palette, c, slot), x(c), y, Math.max(0.8, room() / 2 * share(column, slot)));
            }
        }
    }

    private Ink ink(Palette palette, int c, int slot) {
        boolean survives = lineage.survives(c, slot);
        return palette.line(survives ? lineage.line(c, slot) : -1).faint(survives ? 1 : 0.4);
    }

    /** The area of a node is its weight; equal weights fill their rows. */
    private static double share(Column column, int slot) {
        return Math.min(1.35, Math.sqrt(column.weights()[slot] * column.rewards().length));
    }

    private void node(
            Pen pen, Palette palette, int c, int slot, BiFunction<Column, Integer, Optional<String>> pictures) {
        double x = x(c);
        double y = y(c, slot);
        if (y < -room() || y > height + room()) {
            return;
        }
        var column = lineage.columns().get(c);
        double opacity = lineage.survives(c, slot) ? 1 : 0.4;
        var ink = ink(palette, c, slot);
        double side = Math.max(6, Math.min(72, room()) * Math.min(1, 0.45 + 0.55 * share(column, slot)));
        boolean drawn = pictures.apply(column, slot)
                .filter(sha -> pen.picture(sha, opacity, x - side / 2, y - side / 2, side, side))
                .isPresent();
        if (!drawn) {
            pen.box(palette.card().faint(opacity), x - side / 2, y - side / 2, side, side);
        }
        pen.frame(ink, 1.5, x - side / 2, y - side / 2, side, side);
    }
}
