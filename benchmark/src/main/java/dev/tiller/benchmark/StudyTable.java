// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.PairedBootstrap.Estimate;
import dev.tiller.benchmark.SteeringStudy.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a study as a table in Markdown: for every setting the share of correct answers in each category, their
 * unweighted mean with its 95 % interval, and its difference to the unsteered model, paired by prompt. The unsteered
 * model's score is the mean over the particles of a best-of-n run, which are plain samples.
 */
public final class StudyTable {
    private static final long SEED = 20261124;
    /** The plain model, as a row of the table. */
    private static final String BASE = "base";

    private final Map<String, Map<String, Map<String, List<Double>>>> values = new LinkedHashMap<>();
    private final TreeSet<String> tags = new TreeSet<>();

    private StudyTable(List<Row> rows) {
        for (var row : rows) {
            tags.add(row.tag());
            if (row.setting().startsWith("bon")) {
                add(BASE, row, Row::mean);
            }
            add(row.setting(), row, r -> r.correct() ? 1 : 0);
        }
    }

    private void add(String setting, Row row, ToDoubleFunction<Row> value) {
        values.computeIfAbsent(setting, s -> new TreeMap<>())
                .computeIfAbsent(row.tag(), t -> new TreeMap<>())
                .computeIfAbsent(row.prompt(), p -> new ArrayList<>())
                .add(value.applyAsDouble(row));
    }

    /** The table of the rows. */
    public static String of(List<Row> rows) {
        return new StudyTable(rows).markdown();
    }

    private String markdown() {
        var text = new StringBuilder("| setting | " + String.join(" | ", tags)
                + " | overall [95 %] | minus base [95 %] |\n|" + "---|".repeat(tags.size() + 3) + "\n");
        for (var setting : values.keySet()) {
            text.append("| ").append(setting);
            for (var tag : tags) {
                text.append(" | ").append(format(mean(setting, tag)));
            }
            text.append(" | ").append(format(PairedBootstrap.score(clusters(setting, null), SEED)));
            boolean paired = !setting.equals(BASE) && values.containsKey(BASE);
            text.append(" | ")
                    .append(paired ? format(PairedBootstrap.score(clusters(setting, BASE), SEED)) : "")
                    .append(" |\n");
        }
        return text.toString();
    }

    /**
     * For each category the values of its prompts, less those of another setting if one is named; prompts that either
     * lacks are left out.
     */
    private List<double[]> clusters(String setting, @Nullable String minus) {
        var clusters = new ArrayList<double[]>();
        for (var tag : tags) {
            var prompts =
                    values.get(setting) == null ? null : values.get(setting).get(tag);
            if (prompts == null) {
                continue;
            }
            var other = minus == null
                    ? prompts
                    : values.getOrDefault(minus, Map.of()).getOrDefault(tag, Map.of());
            clusters.add(prompts.keySet().stream()
                    .filter(other::containsKey)
                    .mapToDouble(p -> average(prompts.getOrDefault(p, List.of()))
                            - (minus == null ? 0 : average(other.getOrDefault(p, List.of()))))
                    .toArray());
        }
        return clusters;
    }

    private double mean(String setting, String tag) {
        return values.getOrDefault(setting, Map.of()).getOrDefault(tag, Map.of()).values().stream()
                .mapToDouble(StudyTable::average)
                .average()
                .orElse(Double.NaN);
    }

    private static double average(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String format(Estimate e) {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", e.value(), e.low(), e.high());
    }
}
