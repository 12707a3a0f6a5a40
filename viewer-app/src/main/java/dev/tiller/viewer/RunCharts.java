// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.number;

import dev.tiller.viewer.RunHistory.Column;

/** The charts of a run's report, as SVG. */
final class RunCharts {
    /** As many surviving lines have a colour of their own; if there are more, all have the same. */
    private static final int COLOURS = 8;

    private RunCharts() {}

    /** The reward of each particle by step, lines that reach the end in colour. */
    static String rewards(RunHistory history) {
        var full = new Lineage(
                history.columns(),
                Integer.MAX_VALUE,
                history.order().stream().map(history::inLastColumn).toList());
        var range = full.rewardRange();
        var chart = new Chart("Reward of each particle by step", history.steps(), range[0], range[1]);
        for (boolean surviving : new boolean[] {false, true}) {
            for (int c = 0; c < full.columns().size(); c++) {
                var column = full.columns().get(c);
                for (int slot = 0; slot < column.rewards().length; slot++) {
                    if (full.survives(c, slot) == surviving) {
                        var style = surviving ? "alive " + lineStyle(full, c, slot) : "dead";
                        if (c > 0) {
                            Column before = full.columns().get(c - 1);
                            chart.line(
                                    style,
                                    before.step() + 1,
                                    before.rewards()[column.parents()[slot]],
                                    column.step() + 1,
                                    column.rewards()[slot]);
                        }
                        chart.dot(
                                style,
                                column.step() + 1,
                                column.rewards()[slot],
                                "step " + (column.step() + 1) + ", particle " + (slot + 1) + ": "
                                        + number(column.rewards()[slot]));
                    }
                }
            }
        }
        return chart.svg();
    }

    /** The effective sample size by step, with marks where particles were resampled. */
    static String effectiveSampleSize(RunHistory history) {
        int most =
                history.ess().stream().mapToInt(RunHistory.Ess::particles).max().orElse(1);
        var chart = new Chart("Effective sample size by step", history.steps(), 0, most);
        if (history.manifest().plan().get("ess-threshold") instanceof Number threshold && threshold.doubleValue() < 1) {
            chart.level("threshold", threshold.doubleValue() * history.particles(), "resample below");
        }
        double step = 0;
        double value = history.particles();
        for (var point : history.ess()) {
            if (point.resampled()) {
                chart.mark(
                        "resampled",
                        point.step() + 1,
                        "resampled after step " + (point.step() + 1) + " at ESS " + number(point.ess()));
            }
            chart.line("ess", step, value, point.step() + 1, point.ess());
            step = point.step() + 1;
            value = point.after();
            chart.line("ess", step, point.ess(), step, value);
        }
        return chart.svg();
    }

    /** The class of colour of a surviving line. */
    static String lineStyle(Lineage lineage, int column, int slot) {
        return lineage.survivingOrigins() > COLOURS ? "many" : "line" + lineage.line(column, slot);
    }
}
