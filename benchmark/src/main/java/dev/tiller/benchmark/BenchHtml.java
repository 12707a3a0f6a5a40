// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static dev.tiller.record.Markup.count;
import static dev.tiller.record.Markup.escape;
import static dev.tiller.record.Markup.number;

import dev.tiller.benchmark.BenchTable.Comparison;
import dev.tiller.benchmark.BenchTable.Row;
import dev.tiller.benchmark.PairedBootstrap.Estimate;
import dev.tiller.record.Markup;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardExpression;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A benchmark as pages: the report, which needs no other file, and for each cell a page of all its pictures. */
final class BenchHtml {
    private static final int CASES = 4;
    private static final String STYLE = """
            body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222;background:#fff}
            table{border-collapse:collapse;font-size:13px}th,td{padding:.3em .6em;border-bottom:1px solid #ddd;text-align:right}
            th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}.up{color:#0a7a2f}.down{color:#b3261e}
            svg{max-width:760px;width:100%;font-size:12px}svg .grid{stroke:#e4e4e4}svg .mark{stroke:#888;stroke-dasharray:4 3}
            svg .interval{stroke:#4269d0;stroke-width:2}svg .value{fill:#4269d0}svg .curve{stroke-width:1.6}
            figure{display:inline-block;margin:.4em;font-size:12px;width:140px;vertical-align:top}img{width:128px;image-rendering:pixelated;border:1px solid #ccc}
            """;

    private final Results results;
    private final BenchTable table;
    private final Function<UnitRecord, byte[]> pictures;
    private final String detector;

    /**
     * @param pictures a unit's picture as a PNG file
     * @param detector what found the objects, and what that means for the numbers
     */
    BenchHtml(Results results, BenchTable table, Function<UnitRecord, byte[]> pictures, String detector) {
        this.results = results;
        this.table = table;
        this.pictures = pictures;
        this.detector = detector;
    }

    String report() {
        var plan = results.plan();
        var html = begin("Benchmark of " + plan.suite().name());
        html.append("<p>")
                .append(plan.suite().prompts().size())
                .append(" prompts in ")
                .append(plan.suite().tags().size());
        html.append(" categories, ")
                .append(plan.images())
                .append(" images each, seed ")
                .append(plan.seed());
        html.append(
                ". Methods are compared at equal numbers of network evaluations: k is how many times those of a plain"
                        + " picture a method may spend on a picture. The overall score is the unweighted mean over the categories of ");
        html.append(results.judged() ? "the share of correct pictures" : "the reward");
        html.append(". Intervals are 95 %, by a bootstrap over prompts within categories, a prompt's images together;"
                + " differences are paired by prompt; p is by sign flips over prompts and corrected by Holm for all"
                + " comparisons of the table. ");
        if (results.severalModels()) {
            html.append("Differences are to the plain model and to best-of-n on the cell's own model. ");
        }
        html.append(escape(detector)).append("</p>");
        var rewards = new BenchText(results, table).severalRewards();
        if (!rewards.isEmpty()) {
            html.append("<p>").append(escape(rewards)).append("</p>");
        }
        headline(html);
        intervals(html);
        curves(html);
        html.append("<h2>Cost of a picture</h2>");
        cost(html);
        cases(html);
        remarks(html);
        return html.append(
                        "<p>Also: <a href=\"results.csv\">results.csv</a> (every picture), <a href=\"report.json\">report.json</a>,"
                                + " <a href=\"table.tex\">table.tex</a>, <a href=\"plan.json\">plan.json</a>,"
                                + " <a href=\"seconds.md\">seconds.md</a> (times, which differ from machine to machine), and the pictures in"
                                + " GenEval's layout under <a href=\"geneval/\">geneval</a>.</p></body></html>\n")
                .toString();
    }

    private void remarks(StringBuilder html) {
        var remarks = new BenchText(results, table).remarks();
        if (!remarks.isEmpty()) {
            html.append("<h2>Remarks</h2><ul>");
            remarks.forEach(remark -> html.append("<li>").append(escape(remark)).append("</li>"));
            html.append("</ul>");
        }
    }

    private static StringBuilder begin(String title) {
        return new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(escape(title))
                .append("</h1>");
    }

    private void headline(StringBuilder html) {
        html.append("<div class=\"wide\"><table><tr><th>cell</th>")
                .append(results.severalModels() ? "<th>model</th>" : "")
                .append("<th>evaluations</th>");
        results.plan()
                .suite()
                .tags()
                .forEach(tag -> html.append("<th>").append(escape(tag)).append("</th>"));
        html.append("<th>overall</th>");
        if (results.judged()) {
            html.append("<th>any of ").append(results.plan().images()).append("</th>");
        }
        html.append("<th>reward</th>");
        results.plan()
                .judges()
                .forEach(judge -> html.append("<th>").append(escape(judge)).append(" (judge)</th>"));
        html.append("<th>minus base</th><th>p</th><th>minus best-of-n</th><th>p</th><th>prompts to decide</th></tr>");
        for (var row : table.rows()) {
            var page = page(row.cell());
            html.append("<tr>").append(name(row.cell()));
            if (results.severalModels()) {
                html.append(cell(row.cell().model()));
            }
            html.append(cell(count(row.cost().networkEvaluations())));
            row.tags()
                    .forEach((tag, value) -> html.append(
                            "<td><a href=\"%s#%s\">%s</a></td>".formatted(page, anchor(tag), BenchText.number(value))));
            html.append(cell(BenchText.interval(row.score())));
            if (results.judged()) {
                html.append(cell(BenchText.number(row.anyOf())));
            }
            html.append(cell(BenchText.number(row.reward().value())));
            row.judges().values().forEach(judge -> html.append(cell(BenchText.number(judge.value()))));
            difference(html, row.minusBase());
            difference(html, row.minusBestOfN());
            html.append(cell(BenchText.toDecide(row.minusBestOfN()))).append("</tr>");
        }
        html.append("</table></div>");
        var missing = BenchText.withoutInterval(table.estimates());
        if (!missing.isEmpty()) {
            html.append("<p>").append(escape(missing.strip())).append("</p>");
        }
    }

    /** A cell's name, which leads to its pictures. */
    private String name(Cell cell) {
        return "<td><a href=\"%s\">%s</a></td>".formatted(page(cell), escape(cell.name()));
    }

    private static String cell(String text) {
        return "<td>" + escape(text) + "</td>";
    }

    private static void difference(StringBuilder html, @Nullable Comparison comparison) {
        if (comparison == null) {
            html.append("<td></td><td></td>");
            return;
        }
        var style = !comparison.significant()
                ? ""
                : comparison.difference().value() > 0 ? " class=\"up\"" : " class=\"down\"";
        html.append("<td")
                .append(style)
                .append(">")
                .append(BenchText.interval(comparison.difference()))
                .append("</td>");
        html.append(cell(BenchText.chance(comparison.chance())));
    }

    private void intervals(StringBuilder html) {
        Map<String, Estimate> scores = new LinkedHashMap<>();
        Map<String, Estimate> differences = new LinkedHashMap<>();
        Map<String, String> pages = new LinkedHashMap<>();
        for (var row : table.rows()) {
            if (!Double.isFinite(row.score().value())) {
                continue;
            }
            scores.put(row.cell().name(), row.score());
            pages.put(row.cell().name(), page(row.cell()));
            if (row.minusBestOfN() != null
                    && Double.isFinite(row.minusBestOfN().difference().value())) {
                differences.put(row.cell().name(), row.minusBestOfN().difference());
            }
        }
        if (scores.isEmpty()) {
            return;
        }
        var plain = results.base();
        double base = Optional.ofNullable(plain)
                .map(cell -> scores.get(cell.name()))
                .orElseGet(() -> scores.values().iterator().next())
                .value();
        html.append("<h2>Overall score</h2>")
                .append(Plot.intervals("overall score with intervals", scores, base, pages));
        if (!differences.isEmpty()) {
            html.append("<h2>Difference to best-of-n with the same budget</h2>");
            html.append(Plot.intervals("difference to best-of-n with intervals", differences, 0, pages));
        }
    }

    private void curves(StringBuilder html) {
        html.append("<h2>Reward against compute</h2>")
                .append(Plot.curves("reward against compute", points(Row::reward)));
        if (results.judged()) {
            html.append("<h2>Score against compute</h2>")
                    .append(Plot.curves("score against compute", points(Row::score)));
        }
        for (var judge : results.plan().judges()) {
            html.append("<h2>").append(escape(judge));
            html.append(steered(judge) ? ", which steered some cells too," : ", which steered nothing,");
            html.append(" against compute</h2>");
            html.append(Plot.curves(judge, points(row -> row.judges().getOrDefault(judge, row.reward()))));
        }
    }

    private boolean steered(String judge) {
        var parts = rewards(judge);
        return results.plan().cells().stream()
                .anyMatch(cell ->
                        !cell.isBase() && rewards(cell.reward()).stream().anyMatch(parts::contains));
    }

    private static List<RewardExpression.Named> rewards(String expression) {
        return RewardExpression.parse(expression).summands().stream()
                .map(RewardExpression.Term::reward)
                .toList();
    }

    /** What no mean can be told of has no point. */
    private Map<String, List<Plot.Point>> points(Function<Row, Estimate> value) {
        Map<String, List<Plot.Point>> curves = new LinkedHashMap<>();
        var rows = table.rows().stream()
                .filter(row -> Double.isFinite(value.apply(row).value()))
                .sorted(Comparator.comparingLong(row -> row.cost().networkEvaluations()))
                .toList();
        // Methods keep their colours, whatever they cost.
        table.rows().forEach(row -> curves.put(row.cell().method(), new ArrayList<>()));
        for (var row : rows) {
            curves.computeIfAbsent(row.cell().method(), m -> new ArrayList<>())
                    .add(new Plot.Point(row.cost().networkEvaluations(), value.apply(row), page(row.cell())));
        }
        return curves;
    }

    private void cost(StringBuilder html) {
        html.append("<table><tr><th>cell</th><th>network evaluations</th><th>decodes</th><th>reward calls</th>"
                + "<th>backward passes</th></tr>");
        for (var row : table.rows()) {
            var cost = row.cost();
            html.append("<tr>").append(name(row.cell()));
            for (long n :
                    new long[] {cost.networkEvaluations(), cost.decodes(), cost.rewardCalls(), cost.backwardPasses()}) {
                html.append(cell(count(n)));
            }
            html.append("</tr>");
        }
        html.append("</table>");
    }

    /** Where a method, at its largest budget, gained and lost most over the plain model. */
    private void cases(StringBuilder html) {
        Map<String, Cell> largest = new LinkedHashMap<>();
        results.plan().cells().stream()
                .filter(c -> !c.isBase())
                .forEach(c -> largest.merge(c.method(), c, (a, b) -> b.budget() > a.budget() ? b : a));
        for (var cell : largest.values()) {
            var base = results.base(cell);
            if (base == null) {
                continue;
            }
            var order = IntStream.range(0, results.plan().suite().prompts().size())
                    .boxed()
                    .sorted(byGain(
                            p -> gain(cell, base, p, results.headline()), p -> gain(cell, base, p, UnitRecord::reward)))
                    .toList();
            int best = Math.min(CASES, (order.size() + 1) / 2);
            int worst = Math.min(CASES, order.size() / 2);
            html.append("<h2>").append(escape(cell.name())).append(": best and worst cases</h2>");
            order.subList(0, best).forEach(p -> comparison(html, base, cell, p, true));
            html.append("<hr>");
            for (int i = order.size() - 1; i >= order.size() - worst; i--) {
                comparison(html, base, cell, order.get(i), false);
            }
        }
    }

    /** The largest first, by correct pictures and then by the reward; in the order of numbers where they are equal. */
    private static Comparator<Integer> byGain(ToDoubleFunction<Integer> score, ToDoubleFunction<Integer> reward) {
        return Comparator.comparingDouble(score).thenComparingDouble(reward).reversed();
    }

    private double gain(Cell cell, Cell base, int prompt, ToDoubleFunction<UnitRecord> value) {
        return results.mean(cell, prompt, value) - results.mean(base, prompt, value);
    }

    /** @param best whether to show the image that gained most of the prompt's, or the one that lost most */
    private void comparison(StringBuilder html, Cell base, Cell cell, int prompt, boolean best) {
        var images = IntStream.range(0, results.plan().images())
                .boxed()
                .sorted(byGain(
                        i -> imageGain(cell, base, prompt, i, results.headline()),
                        i -> imageGain(cell, base, prompt, i, UnitRecord::reward)))
                .toList();
        int image = images.get(best ? 0 : images.size() - 1);
        html.append("<p>")
                .append(escape(results.plan().suite().prompts().get(prompt).prompt()))
                .append("<br>");
        for (var one : List.of(base, cell)) {
            var unit = results.of(one, prompt)[image];
            html.append(figure(unit, Markup.dataUri(pictures.apply(unit)), one.name()));
        }
        html.append("</p>");
    }

    private double imageGain(Cell cell, Cell base, int prompt, int image, ToDoubleFunction<UnitRecord> value) {
        return value.applyAsDouble(results.of(cell, prompt)[image])
                - value.applyAsDouble(results.of(base, prompt)[image]);
    }

    private static String figure(UnitRecord unit, String source, String title) {
        var verdict = unit.correct() == null ? "" : unit.correct() ? ", correct" : ", " + unit.reason();
        return "<figure><a href=\"%s\"><img src=\"%s\" alt=\"%s\" loading=\"lazy\"></a><figcaption><a href=\"units/%s.json\">%s</a>: %s%s</figcaption></figure>"
                .formatted(
                        RunFolder.pictureName(unit.picture()),
                        source,
                        escape(title),
                        unit.recipe(),
                        escape(title),
                        number(unit.reward()),
                        escape(verdict));
    }

    /** The page of a cell's pictures. */
    String page(Cell cell) {
        return "images-" + results.plan().fileName(cell) + ".html";
    }

    private String anchor(String tag) {
        return "category-" + results.plan().suite().tags().indexOf(tag);
    }

    /** All pictures of a cell. */
    String gallery(Cell cell) {
        var html = begin(cell.name());
        for (var tag : results.plan().suite().tags()) {
            html.append("<h2 id=\"")
                    .append(anchor(tag))
                    .append("\">")
                    .append(escape(tag))
                    .append("</h2>");
            for (int p = 0; p < results.plan().suite().prompts().size(); p++) {
                var prompt = results.plan().suite().prompts().get(p);
                if (prompt.tag().equals(tag)) {
                    html.append("<p>")
                            .append(p)
                            .append(". ")
                            .append(escape(prompt.prompt()))
                            .append("<br>");
                    for (var unit : results.of(cell, p)) {
                        html.append(figure(unit, RunFolder.pictureName(unit.picture()), "image " + unit.image()));
                    }
                    html.append("</p>");
                }
            }
        }
        return html + "</body></html>\n";
    }
}
