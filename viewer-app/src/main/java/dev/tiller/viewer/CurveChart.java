// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.number;

import dev.tiller.viewer.RunHistory.Curve;
import dev.tiller.viewer.RunHistory.Point;
import java.util.Arrays;
import java.util.OptionalInt;

/** A curve of the particles as a chart: a faint line along each descent, and a strong one for their mean. */
final class CurveChart {
    private CurveChart() {}

    /** @param gamed where a red mark is to be seen */
    static String svg(String title, int steps, Curve curve, OptionalInt gamed) {
        var range = curve.points().stream()
                .flatMapToDouble(point -> Arrays.stream(point.values()))
                .filter(Double::isFinite)
                .summaryStatistics();
        boolean empty = range.getCount() == 0;
        var chart = new Chart(title + " by step", steps, empty ? 0 : range.getMin(), empty ? 1 : range.getMax());
        gamed.ifPresent(
                step -> chart.mark("alarm", step + 1, "up to step " + (step + 1) + " the reward rose while this fell"));
        for (int p = 1; p < curve.points().size(); p++) {
            var before = curve.points().get(p - 1);
            var point = curve.points().get(p);
            for (int slot = 0; slot < point.values().length; slot++) {
                int parent = point.column().parents()[slot];
                if (parent < before.values().length) {
                    chart.line(
                            "dead",
                            before.column().step() + 1,
                            before.values()[parent],
                            point.column().step() + 1,
                            point.values()[slot]);
                }
            }
        }
        for (int p = 0; p < curve.points().size(); p++) {
            var point = curve.points().get(p);
            int step = point.column().step() + 1;
            if (p > 0) {
                var before = curve.points().get(p - 1);
                chart.line("mean", before.column().step() + 1, mean(before), step, mean(point));
            }
            chart.dot("mean", step, mean(point), "step " + step + ", mean " + number(mean(point)));
        }
        return chart.svg();
    }

    private static double mean(Point point) {
        return Arrays.stream(point.values()).filter(Double::isFinite).average().orElse(Double.NaN);
    }
}
