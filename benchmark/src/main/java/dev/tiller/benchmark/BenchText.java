// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.benchmark.BenchTable.Comparison;
import dev.tiller.benchmark.BenchTable.Row;
import dev.tiller.benchmark.PairedBootstrap.Estimate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of a benchmark as Markdown, LaTeX, CSV and JSON. */
final class BenchText {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Results results;
    private final BenchTable table;

    BenchText(Results results, BenchTable table) {
        this.results = results;
        this.table = table;
    }

    private List<String> tags() {
        return results.plan().suite().tags();
    }

    private List<String> header() {
        var header = new ArrayList<String>(List.of("cell"));
        if (results.severalModels()) {
            header.add("model");
        }
        header.add("evaluations");
        header.addAll(tags());
        header.add("overall [95 %]");
        if (results.judged()) {
            header.add("any of " + results.plan().images());
        }
        header.add("reward");
        header.addAll(results.plan().judges());
        header.addAll(List.of("minus base [95 %]", "p", "minus best-of-n [95 %]", "p", "prompts to decide"));
        return header;
    }

    private List<String> cells(Row row) {
        var cells = new ArrayList<String>(List.of(row.cell().name()));
        if (results.severalModels()) {
            cells.add(row.cell().model());
        }
        cells.add(Long.toString(row.cost().networkEvaluations()));
        row.tags().values().forEach(v -> cells.add(number(v)));
        cells.add(interval(row.score()));
        if (results.judged()) {
            cells.add(number(row.anyOf()));
        }
        cells.add(number(row.reward().value()));
        row.judges().values().forEach(j -> cells.add(number(j.value())));
        for (var comparison : Arrays.asList(row.minusBase(), row.minusBestOfN())) {
            cells.add(comparison == null ? "" : interval(comparison.difference()));
            cells.add(comparison == null ? "" : chance(comparison.chance()));
        }
        cells.add(toDecide(row.minusBestOfN()));
        return cells;
    }

    /** Empty where it is decided. */
    static String toDecide(@Nullable Comparison comparison) {
        if (comparison == null || comparison.significant()) {
            return "";
        }
        double needed = comparison.promptsNeeded();
        if (Double.isNaN(needed)) {
            return "n/a";
        }
        return needed > 1e6 ? "over a million" : String.format(Locale.ROOT, "%.0f", needed);
    }

    String markdown() {
        var text = new StringBuilder(markdown(header()) + "|---".repeat(header().size()) + "|\n");
        table.rows().forEach(row -> text.append(markdown(cells(row))));
        if (results.severalModels()) {
            text.append("\nDifferences are to the plain model and to best-of-n on the cell's own model.\n");
        }
        if (!severalRewards().isEmpty()) {
            text.append("\n").append(severalRewards()).append("\n");
        }
        text.append(withoutInterval(table.estimates()));
        remarks().forEach(remark -> text.append("\nRemark: ").append(remark).append('\n'));
        return text.toString();
    }

    private static String markdown(List<String> cells) {
        return "| " + cells.stream().map(BenchText::inTable).collect(Collectors.joining(" | ")) + " |\n";
    }

    /** A text as a cell of a table in Markdown. */
    static String inTable(String text) {
        return text.replaceAll("\\s+", " ").replace("|", "\\|");
    }

    /** Which cells are steered by what, and what that means for the numbers; empty where there is one reward. */
    String severalRewards() {
        if (!results.severalRewards()) {
            return "";
        }
        return "Rewards of cells that are steered by different ones cannot be compared: "
                + results.plan().cells().stream()
                        .collect(Collectors.groupingBy(
                                Cell::reward,
                                LinkedHashMap::new,
                                Collectors.mapping(Cell::name, Collectors.joining(", "))))
                        .entrySet()
                        .stream()
                        .map(e -> e.getValue() + " by " + e.getKey())
                        .collect(Collectors.joining("; "))
                + ".";
    }

    /** What models and rewards had to say, each with the prompts that it is about. */
    List<String> remarks() {
        int prompts = results.plan().suite().prompts().size();
        return results.remarks().entrySet().stream()
                .map(e -> e.getKey()
                        + (e.getValue().size() == prompts
                                ? " (all prompts)"
                                : " (prompt "
                                        + e.getValue().stream()
                                                .map(String::valueOf)
                                                .collect(Collectors.joining(", ")) + ")"))
                .toList();
    }

    String latex() {
        var text = new StringBuilder("\\begin{tabular}{lr" + "r".repeat(header().size() - 2) + "}\n\\hline\n");
        text.append(latex(header())).append("\\hline\n");
        table.rows().forEach(row -> text.append(latex(cells(row))));
        return text + "\\hline\n\\end{tabular}\n";
    }

    private static String latex(List<String> cells) {
        return cells.stream().map(BenchText::latex).collect(Collectors.joining(" & ")) + " \\\\\n";
    }

    private static String latex(String text) {
        var written = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '%', '_', '&', '#', '$', '{', '}' -> written.append('\\').append(c);
                case '\\' -> written.append("\\textbackslash{}");
                case '~' -> written.append("\\textasciitilde{}");
                case '^' -> written.append("\\textasciicircum{}");
                case '<' -> written.append("\\textless{}");
                case '>' -> written.append("\\textgreater{}");
                case '|' -> written.append("\\textbar{}");
                default -> written.append(Character.isWhitespace(c) ? ' ' : c);
            }
        }
        return written.toString();
    }

    /** A paragraph that says why an interval is missing; empty where none is. */
    static String withoutInterval(Stream<Estimate> estimates) {
        return estimates.filter(e -> Double.isFinite(e.value())).allMatch(Estimate::hasInterval)
                ? ""
                : "\n[n/a]: all prompts gave the same, which does not tell how far others would differ.\n";
    }

    /** A line for each picture. */
    String csv() {
        var text = new StringBuilder("cell,budget,prompt_index,tag,prompt,image,seed,correct,reward");
        results.plan().judges().forEach(j -> text.append(',').append(quoted(j)));
        text.append(",network_evaluations,decodes,reward_calls,backward_passes,picture,recipe\n");
        for (var cell : results.plan().cells()) {
            for (int p = 0; p < results.plan().suite().prompts().size(); p++) {
                var prompt = results.plan().suite().prompts().get(p);
                for (var unit : results.of(cell, p)) {
                    var cost = unit.cost();
                    text.append(quoted(cell.name())).append(',').append(cell.budget());
                    text.append(',').append(p).append(',').append(quoted(prompt.tag()));
                    text.append(',').append(quoted(prompt.prompt())).append(',').append(unit.image());
                    text.append(',').append(unit.seed());
                    text.append(',').append(unit.correct() == null ? "" : unit.correct());
                    text.append(',').append(unit.reward());
                    results.plan()
                            .judges()
                            .forEach(j -> text.append(',').append(unit.judges().get(j)));
                    text.append(',')
                            .append(cost.networkEvaluations())
                            .append(',')
                            .append(cost.decodes());
                    text.append(',').append(cost.rewardCalls()).append(',').append(cost.backwardPasses());
                    text.append(',')
                            .append(unit.picture())
                            .append(',')
                            .append(unit.recipe())
                            .append('\n');
                }
            }
        }
        return text.toString();
    }

    /** With an apostrophe before what a spreadsheet would take for a formula. */
    private static String quoted(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return "\"" + (formula ? "'" : "") + text.replace("\"", "\"\"") + "\"";
    }

    String json() {
        var root = JSON.createObjectNode();
        root.put("suite", results.plan().suite().name());
        root.put("prompts", results.plan().suite().prompts().size());
        root.put("images", results.plan().images()).put("seed", results.plan().seed());
        root.put("headline", results.judged() ? "share of correct pictures" : "reward");
        var rows = root.putArray("cells");
        for (var row : table.rows()) {
            var node = rows.addObject()
                    .put("cell", row.cell().name())
                    .put("model", row.cell().model())
                    .put("budget", row.cell().budget());
            node.putObject("cost_of_a_picture")
                    .put("network_evaluations", row.cost().networkEvaluations())
                    .put("decodes", row.cost().decodes())
                    .put("reward_calls", row.cost().rewardCalls())
                    .put("backward_passes", row.cost().backwardPasses());
            put(node.putObject("overall"), row.score());
            var tags = node.putObject("tags");
            row.tags().forEach((tag, value) -> put(tags, tag, value));
            if (results.judged()) {
                node.put("any_of", row.anyOf());
            }
            put(node.putObject("reward"), row.reward());
            var judges = node.putObject("judges");
            row.judges().forEach((name, estimate) -> put(judges.putObject(name), estimate));
            put(node, "minus_base", row.minusBase());
            put(node, "minus_best_of_n", row.minusBestOfN());
        }
        if (!results.remarks().isEmpty()) {
            var remarks = root.putArray("remarks");
            results.remarks()
                    .forEach((remark, prompts) -> prompts.forEach(
                            remarks.addObject().put("remark", remark).putArray("prompts")::add));
        }
        return root.toPrettyString() + "\n";
    }

    private static void put(ObjectNode node, Estimate estimate) {
        put(node, "value", estimate.value());
        putInterval(node, estimate);
    }

    /** JSON has no other numbers than finite ones; null stands for them. */
    static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    /** The ends of the interval; null where there is none. */
    static void putInterval(ObjectNode node, Estimate estimate) {
        if (estimate.hasInterval()) {
            node.put("low", estimate.low()).put("high", estimate.high());
        } else {
            node.putNull("low").putNull("high");
        }
    }

    private static void put(ObjectNode node, String name, @Nullable Comparison comparison) {
        if (comparison != null) {
            var of = node.putObject(name);
            put(of, comparison.difference());
            put(of, "p_holm", comparison.chance());
            if (Double.isFinite(comparison.promptsNeeded())) {
                of.put("prompts_to_decide", comparison.promptsNeeded());
            }
        }
    }

    static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "n/a";
    }

    /** A probability, which is never nought. */
    static String chance(double p) {
        return p < 0.0005 ? "<0.001" : number(p);
    }

    static String interval(Estimate e) {
        return e.hasInterval()
                ? String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", e.value(), e.low(), e.high())
                : number(e.value()) + (Double.isFinite(e.value()) ? " [n/a]" : "");
    }
}
