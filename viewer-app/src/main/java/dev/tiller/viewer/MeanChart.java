// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** One quantity over the steps of a run: a dot for each particle and a line through their means. */
final class MeanChart {
    private final String title;
    private final TreeMap<Integer, double[]> values = new TreeMap<>();

    private MeanChart(String title) {
        this.title = title;
    }

    /** Every quantity of a run that is told beside the reward: its parts, held-out rewards, gradients and priors. */
    static Map<String, String> of(RunHistory history) {
        var charts = new LinkedHashMap<String, MeanChart>();
        for (var column : history.columns()) {
            if (column.rewardParts().size() > 1) {
                column.rewardParts()
                        .forEach(
                                (name, v) -> at(charts, "Reward " + name).values.put(column.step(), v));
            }
        }
        for (var held : history.heldOut()) {
            held.rewards()
                    .forEach((name, v) -> at(charts, "Held out: " + name).values.put(held.step(), v));
        }
        for (var ascended : history.ascents()) {
            at(charts, "Norm of the gradient").values.put(ascended.step(), ascended.gradientNorms());
            at(charts, "Price of leaving the noise prior").values.put(ascended.step(), ascended.priors());
        }
        var drawn = new LinkedHashMap<String, String>();
        charts.forEach((name, chart) -> chart.finite()
                .min()
                .ifPresent(low -> drawn.put(
                        name,
                        chart.svg(history.steps(), low, chart.finite().max().orElse(low)))));
        return drawn;
    }

    private static MeanChart at(Map<String, MeanChart> charts, String title) {
        return charts.computeIfAbsent(title, MeanChart::new);
    }

    private DoubleStream finite() {
        return values.values().stream().flatMapToDouble(Arrays::stream).filter(Double::isFinite);
    }

    private String svg(int steps, double low, double high) {
        var chart = new Chart(title + " by step", steps, low, high);
        int before = -1;
        double meanBefore = Double.NaN;
        for (var entry : values.entrySet()) {
            int step = entry.getKey() + 1;
            for (int slot = 0; slot < entry.getValue().length; slot++) {
                double value = entry.getValue()[slot];
                chart.dot(
                        "dead", step, value, "step " + step + ", particle " + (slot + 1) + ": " + Markup.number(value));
            }
            double mean = Arrays.stream(entry.getValue())
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
            chart.line("ess", before, meanBefore, step, mean);
            before = step;
            meanBefore = mean;
        }
        return chart.svg();
    }
}
