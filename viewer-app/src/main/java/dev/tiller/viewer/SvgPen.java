// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.at;
import static dev.tiller.record.Markup.escape;

import dev.tiller.record.Markup;
import java.util.Locale;

/** Draws an SVG that stands alone, its pictures inside. */
final class SvgPen implements Pen {
    private final StringBuilder svg = new StringBuilder();
    private final Pictures pictures;

    SvgPen(double width, double height, Ink ground, Pictures pictures) {
        this.pictures = pictures;
        svg.append(("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\""
                        + " font-family=\"sans-serif\">\n")
                .formatted(at(width), at(height), at(width), at(height)));
        box(ground, 0, 0, width, height);
    }

    private void add(String element) {
        svg.append(element).append('\n');
    }

    private static String stroke(Ink ink, double width) {
        return "fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s"
                .formatted(ink.hex(), at(width), opacity(ink.opacity()));
    }

    private static String fill(Ink ink) {
        return "fill=\"%s\"%s".formatted(ink.hex(), opacity(ink.opacity()));
    }

    private static String opacity(double opacity) {
        return opacity == 1 ? "" : " opacity=\"%s\"".formatted(at(opacity));
    }

    @Override
    public void line(Ink ink, double width, double x1, double y1, double x2, double y2) {
        add("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" %s/>"
                .formatted(at(x1), at(y1), at(x2), at(y2), stroke(ink, width)));
    }

    @Override
    public void lines(Ink ink, double width, double[] ends) {
        var path = new StringBuilder();
        for (int i = 0; i + 3 < ends.length; i += 4) {
            path.append('M').append(at(ends[i])).append(' ').append(at(ends[i + 1]));
            path.append('L').append(at(ends[i + 2])).append(' ').append(at(ends[i + 3]));
        }
        add("<path d=\"%s\" %s/>".formatted(path, stroke(ink, width)));
    }

    @Override
    public void dashed(Ink ink, double width, double x1, double y1, double x2, double y2) {
        add("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke-dasharray=\"3 3\" %s/>"
                .formatted(at(x1), at(y1), at(x2), at(y2), stroke(ink, width)));
    }

    @Override
    public void bend(Ink ink, double width, double x1, double y1, double x2, double y2) {
        var middle = at((x1 + x2) / 2);
        add("<path d=\"M%s %sC%s %s %s %s %s %s\" %s/>"
                .formatted(at(x1), at(y1), middle, at(y1), middle, at(y2), at(x2), at(y2), stroke(ink, width)));
    }

    @Override
    public void dot(Ink ink, double x, double y, double radius) {
        add("<circle cx=\"%s\" cy=\"%s\" r=\"%s\" %s/>".formatted(at(x), at(y), at(radius), fill(ink)));
    }

    private static String place(double x, double y, double width, double height) {
        return "x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"".formatted(at(x), at(y), at(width), at(height));
    }

    @Override
    public void box(Ink ink, double x, double y, double width, double height) {
        add("<rect %s %s/>".formatted(place(x, y, width, height), fill(ink)));
    }

    @Override
    public void frame(Ink ink, double stroke, double x, double y, double width, double height) {
        add("<rect %s %s/>".formatted(place(x, y, width, height), stroke(ink, stroke)));
    }

    @Override
    public void text(Ink ink, double size, Anchor anchor, double x, double y, String text) {
        var end = anchor == Anchor.LEFT ? "start" : anchor == Anchor.CENTRE ? "middle" : "end";
        // The baseline of letters whose upper end is at y.
        add("<text x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\" %s>%s</text>"
                .formatted(
                        at(x), at(y + size), String.format(Locale.ROOT, "%.0f", size), end, fill(ink), escape(text)));
    }

    @Override
    public boolean picture(String sha256, double opacity, double x, double y, double width, double height) {
        var png = pictures.find(sha256);
        png.ifPresent(bytes -> add("<image %s href=\"%s\"%s/>"
                .formatted(place(x, y, width, height), Markup.dataUri(bytes), opacity(opacity))));
        return png.isPresent();
    }

    String svg() {
        return svg + "</svg>\n";
    }
}
