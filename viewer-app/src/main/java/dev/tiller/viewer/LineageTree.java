// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.at;
import static dev.tiller.record.Markup.number;

import dev.tiller.viewer.RunHistory.Column;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The lineage as SVG: a column for each scoring, a thumbnail for each particle, a curve from each to its parent. Lines
 * that reach the end are coloured by the particle they began as, the others fade.
 */
final class LineageTree {
    private static final double WIDTH = 1040;
    private static final double HEADER = 30;

    private final Lineage lineage;
    private final int steps;
    private final double thumb;
    private final double row;
    private final double gap;
    private final double height;

    LineageTree(Lineage lineage, int steps) {
        this.lineage = lineage;
        this.steps = steps;
        int columns = lineage.columns().size();
        int tallest = lineage.tallest();
        double pitch = WIDTH / columns;
        // Thumbnails as large as about 700 pixels of height and their column allow.
        thumb = Math.max(6, Math.min(Math.min(72, pitch * 0.6), 700.0 / tallest - 6));
        row = thumb + Math.max(2, Math.min(14, thumb * 0.2));
        gap = pitch;
        height = HEADER + tallest * row + 6;
    }

    private double x(int column) {
        return gap * column + (gap - thumb) / 2;
    }

    private double y(int column, int slot) {
        int n = lineage.columns().get(column).rewards().length;
        return HEADER + ((lineage.tallest() - n) / 2.0 + slot) * row + (row - thumb) / 2;
    }

    /** @param thumbnails the data URI of the picture of a slot of a column, empty where there is none */
    String svg(BiFunction<Column, Integer, Optional<String>> thumbnails) {
        var svg = new StringBuilder(
                "<svg class=\"tree\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"Lineage of the particles\">"
                        .formatted(at(WIDTH), at(height)));
        for (int c = 0; c < lineage.columns().size(); c++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"tick\" text-anchor=\"middle\" x=\"%s\" y=\"14\">step %d</text>",
                    at(x(c) + thumb / 2),
                    lineage.columns().get(c).step() + 1));
        }
        edges(svg, false);
        edges(svg, true);
        for (int c = 0; c < lineage.columns().size(); c++) {
            for (int slot = 0; slot < lineage.columns().get(c).rewards().length; slot++) {
                node(svg, c, slot, thumbnails);
            }
        }
        return svg.append("</svg>").toString();
    }

    private void edges(StringBuilder svg, boolean surviving) {
        for (int c = 1; c < lineage.columns().size(); c++) {
            var parents = lineage.columns().get(c).parents();
            for (int slot = 0; slot < parents.length; slot++) {
                if (lineage.survives(c, slot) == surviving) {
                    double fromX = x(c - 1) + thumb;
                    double fromY = y(c - 1, parents[slot]) + thumb / 2;
                    double toX = x(c);
                    double toY = y(c, slot) + thumb / 2;
                    double middle = (fromX + toX) / 2;
                    svg.append(String.format(
                            Locale.ROOT,
                            "<path class=\"edge %s\" data-to=\"%d-%d\" d=\"M%s %sC%s %s %s %s %s %s\"/>",
                            style(c, slot),
                            c,
                            slot,
                            at(fromX),
                            at(fromY),
                            at(middle),
                            at(fromY),
                            at(middle),
                            at(toY),
                            at(toX),
                            at(toY)));
                }
            }
        }
    }

    private void node(StringBuilder svg, int c, int slot, BiFunction<Column, Integer, Optional<String>> thumbnails) {
        var column = lineage.columns().get(c);
        svg.append(String.format(
                Locale.ROOT,
                "<g class=\"node %s\" id=\"n%d-%d\" data-parent=\"%s\" data-says=\"step %d of %d · particle %d · reward %s · weight %s\">",
                style(c, slot),
                c,
                slot,
                c == 0 ? "" : (c - 1) + "-" + column.parents()[slot],
                column.step() + 1,
                steps,
                slot + 1,
                number(column.rewards()[slot]),
                number(column.weights()[slot])));
        var box = "x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\""
                .formatted(at(x(c)), at(y(c, slot)), at(thumb), at(thumb));
        thumbnails.apply(column, slot).ifPresent(uri -> svg.append("<image %s href=\"%s\"/>".formatted(box, uri)));
        svg.append("<rect %s rx=\"%s\"/></g>".formatted(box, at(Math.min(4, thumb / 6))));
    }

    private String style(int column, int slot) {
        return lineage.survives(column, slot) ? "alive " + RunCharts.lineStyle(lineage, column, slot) : "dead";
    }
}
