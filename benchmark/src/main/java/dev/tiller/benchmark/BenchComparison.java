// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.PairedBootstrap.Estimate;
import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.List;

/** Two benchmarks on the same prompts, cell by cell: the second less the first, paired by prompt. */
public final class BenchComparison {
    private record Row(String cell, Estimate first, Estimate second, Estimate difference, double chance) {}

    private final List<Row> rows;

    private BenchComparison(List<Row> rows) {
        this.rows = rows;
    }

    /**
     * @throws TillerException if one is not complete, they have not the same prompts and judgements, or no cell in common
     */
    public static BenchComparison of(BenchFolder a, BenchFolder b) {
        var first = Results.in(a);
        var second = Results.in(b);
        if (!prompts(first).equals(prompts(second))) {
            throw unlike(a, b, "are not of the same prompts");
        }
        if (first.judged() != second.judged() || !judgedBy(a).equals(judgedBy(b))) {
            throw unlike(a, b, "were not judged by the same detector");
        }
        var names = new ArrayList<String>();
        var clusters = new ArrayList<List<double[]>>();
        var scores = new ArrayList<Estimate[]>();
        for (var cell : first.plan().cells()) {
            for (var other : second.plan().cells()) {
                if (other.name().equals(cell.name())) {
                    if (!first.judged() && !other.reward().equals(cell.reward())) {
                        throw unlike(
                                a,
                                b,
                                "tell nothing but rewards, and those of " + cell.name() + " are different ones, "
                                        + cell.reward() + " and " + other.reward());
                    }
                    names.add(cell.name());
                    clusters.add(first.clusters(
                            p -> second.mean(other, p, second.headline()) - first.mean(cell, p, first.headline())));
                    scores.add(new Estimate[] {first.overall(cell), second.overall(other)});
                }
            }
        }
        if (names.isEmpty()) {
            throw new TillerException(
                    "The benchmarks in " + a.path() + " and " + b.path() + " have no cell in common.");
        }
        var chances = Holm.adjusted(clusters.stream()
                .mapToDouble(c -> PairedBootstrap.probabilityByChance(c, Results.SEED))
                .toArray());
        var rows = new ArrayList<Row>();
        for (int i = 0; i < chances.length; i++) {
            rows.add(new Row(
                    names.get(i), scores.get(i)[0], scores.get(i)[1], first.difference(clusters.get(i)), chances[i]));
        }
        return new BenchComparison(rows);
    }

    private static TillerException unlike(BenchFolder a, BenchFolder b, String why) {
        return new TillerException("The benchmarks in " + a.path() + " and " + b.path() + " " + why + ".");
    }

    /** SHA-256 of a detector's files; of what was judged elsewhere no more than that. */
    private static List<String> judgedBy(BenchFolder folder) {
        if (OutsideDetections.in(folder, folder.plan())) {
            return List.of("elsewhere");
        }
        return folder.planJson().path("detector").findValuesAsText("sha256");
    }

    private static List<SuitePrompt> prompts(Results results) {
        return results.plan().suite().prompts();
    }

    /** A table. */
    public String markdown() {
        var text =
                new StringBuilder("| cell | first | second | second minus first [95 %] | p |\n|---|---|---|---|---|\n");
        for (var row : rows) {
            text.append("| %s | %s | %s | %s | %s |\n"
                    .formatted(
                            BenchText.inTable(row.cell()),
                            BenchText.number(row.first().value()),
                            BenchText.number(row.second().value()),
                            BenchText.interval(row.difference()),
                            BenchText.chance(row.chance())));
        }
        return text + BenchText.withoutInterval(rows.stream().map(Row::difference));
    }

    /** A JSON list. */
    public String json() {
        var list = JsonMapper.builder().build().createArrayNode();
        for (var row : rows) {
            var node = list.addObject().put("cell", row.cell());
            BenchText.put(node, "first", row.first().value());
            BenchText.put(node, "second", row.second().value());
            BenchText.put(node, "difference", row.difference().value());
            BenchText.putInterval(node, row.difference());
            BenchText.put(node, "p_holm", row.chance());
        }
        return list.toPrettyString() + "\n";
    }
}
