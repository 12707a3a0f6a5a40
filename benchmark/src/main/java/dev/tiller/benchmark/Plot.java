// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static dev.tiller.record.Markup.at;
import static dev.tiller.record.Markup.escape;
import static dev.tiller.record.Markup.number;

import dev.tiller.benchmark.PairedBootstrap.Estimate;
import java.util.List;
import java.util.Map;

/** Estimates with their intervals as SVG: side by side, or against compute. */
final class Plot {
    private static final int WIDTH = 640;
    private static final int LEFT = 190;
    private static final int RIGHT = 20;
    private static final List<String> COLOURS = List.of(
            "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e",
            "#777777");

    private Plot() {}

    /**
     * One line for each estimate, by name.
     *
     * @param marked a value drawn as a vertical line, such as 0
     * @param pages where the pictures behind each are, by name
     */
    static String intervals(String title, Map<String, Estimate> estimates, double marked, Map<String, String> pages) {
        double low = Math.min(
                marked, estimates.values().stream().mapToDouble(Plot::low).min().orElse(0));
        double high = Math.max(
                marked,
                estimates.values().stream().mapToDouble(Plot::high).max().orElse(1));
        double margin = Math.max(1e-9, 0.05 * (high - low));
        int height = 22 * estimates.size() + 44;
        var svg = begin(title, height);
        var scale = new Scale(low - margin, high + margin, LEFT, WIDTH - RIGHT);
        double step = tick(high - low + 2 * margin, 6);
        for (double v = Math.ceil((low - margin) / step) * step; v <= high + margin; v += step) {
            double value = Math.round(v / step) * step;
            line(svg, "grid", scale.at(value), 10, scale.at(value), height - 28);
            text(svg, scale.at(value), height - 10, "middle", number(value));
        }
        line(svg, "mark", scale.at(marked), 10, scale.at(marked), height - 28);
        int y = 24;
        for (var entry : estimates.entrySet()) {
            var e = entry.getValue();
            svg.append(link(pages.getOrDefault(entry.getKey(), "")));
            text(svg, LEFT - 10, y + 4, "end", entry.getKey());
            line(svg, "interval", scale.at(low(e)), y, scale.at(high(e)), y);
            svg.append("<circle class=\"value\" cx=\"%s\" cy=\"%d\" r=\"4\"><title>%s</title></circle></a>"
                    .formatted(at(scale.at(e.value())), y, escape(entry.getKey() + ": " + BenchText.interval(e))));
            y += 22;
        }
        return svg + "</svg>";
    }

    /**
     * What was reached with so much compute.
     *
     * @param page where the pictures behind it are
     */
    record Point(double evaluations, Estimate reached, String page) {}

    /** A curve for each method; compute is on a logarithmic axis. */
    static String curves(String title, Map<String, List<Point>> curves) {
        int height = 320;
        var all = curves.values().stream().flatMap(List::stream).toList();
        double low = all.stream().mapToDouble(p -> low(p.reached())).min().orElse(0);
        double high = all.stream().mapToDouble(p -> high(p.reached())).max().orElse(1);
        double least = all.stream().mapToDouble(Point::evaluations).min().orElse(1);
        double most = all.stream().mapToDouble(Point::evaluations).max().orElse(2);
        double margin = Math.max(1e-9, 0.05 * (high - low));
        var svg = begin(title, height);
        var x = new Scale(Math.log(least / 1.2), Math.log(most * 1.2), 70, WIDTH - 150);
        var y = new Scale(low - margin, high + margin, height - 44, 14);
        double step = tick(high - low + 2 * margin, 5);
        for (double v = Math.ceil((low - margin) / step) * step; v <= high + margin; v += step) {
            double value = Math.round(v / step) * step;
            line(svg, "grid", 70, y.at(value), WIDTH - 150, y.at(value));
            text(svg, 62, y.at(value) + 4, "end", number(value));
        }
        all.stream()
                .mapToDouble(Point::evaluations)
                .distinct()
                .sorted()
                .forEach(evaluations ->
                        text(svg, x.at(Math.log(evaluations)), height - 26, "middle", number(evaluations)));
        text(svg, WIDTH / 2.0 - 40, height - 8, "middle", "network evaluations a picture");
        int colour = 0;
        for (var curve : curves.entrySet()) {
            var stroke = "style=\"stroke:%1$s;fill:%1$s\"".formatted(COLOURS.get(colour % COLOURS.size()));
            svg.append("<g ").append(stroke).append(">");
            Point before = null;
            for (var point : curve.getValue()) {
                double px = x.at(Math.log(point.evaluations()));
                if (before != null) {
                    line(
                            svg,
                            "curve",
                            x.at(Math.log(before.evaluations())),
                            y.at(before.reached().value()),
                            px,
                            y.at(point.reached().value()));
                }
                line(svg, "curve", px, y.at(low(point.reached())), px, y.at(high(point.reached())));
                svg.append("%s<circle cx=\"%s\" cy=\"%s\" r=\"3.5\"><title>%s</title></circle></a>"
                        .formatted(
                                link(point.page()),
                                at(px),
                                at(y.at(point.reached().value())),
                                escape(curve.getKey() + ", " + number(point.evaluations()) + " evaluations: "
                                        + BenchText.interval(point.reached()))));
                before = point;
            }
            svg.append("<circle cx=\"%d\" cy=\"%d\" r=\"5\"/></g>".formatted(WIDTH - 132, 24 + 20 * colour));
            text(svg, WIDTH - 120, 28 + 20 * colour, "start", curve.getKey());
            colour++;
        }
        return svg + "</svg>";
    }

    /** Where there is no interval, the value. */
    private static double low(Estimate e) {
        return e.hasInterval() ? e.low() : e.value();
    }

    private static double high(Estimate e) {
        return e.hasInterval() ? e.high() : e.value();
    }

    private record Scale(double low, double high, double from, double to) {
        double at(double value) {
            return from + (to - from) * (value - low) / (high - low);
        }
    }

    private static String link(String page) {
        return "<a href=\"" + escape(page) + "\">";
    }

    private static StringBuilder begin(String title, int height) {
        return new StringBuilder(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">".formatted(WIDTH, height, escape(title)));
    }

    private static void line(StringBuilder svg, String style, double x1, double y1, double x2, double y2) {
        svg.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                .formatted(style, at(x1), at(y1), at(x2), at(y2)));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>".formatted(at(x), at(y), anchor, escape(text)));
    }

    /** A round distance that gives about {@code count} ticks. */
    private static double tick(double range, int count) {
        double raw = range / count;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double digit = raw / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
