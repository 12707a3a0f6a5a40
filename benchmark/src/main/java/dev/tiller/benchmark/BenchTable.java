// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.PairedBootstrap.Estimate;
import dev.tiller.run.Cost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The headline table: a row for each cell, with its differences to the plain model and to best-of-n with the same budget, both
 * on the cell's own model, paired by prompt; all comparisons of the table are corrected together.
 */
record BenchTable(List<Row> rows) {
    /**
     * @param cost of a picture, on average
     * @param score with its interval
     * @param tags means of the categories
     * @param anyOf the share of prompts with a correct picture among all; NaN where nothing is judged correct
     * @param reward what was steered by
     * @param judges what others thought, by their expressions
     * @param minusBase null for the plain model itself, or where it was not measured
     * @param minusBestOfN null likewise
     */
    record Row(
            Cell cell,
            Cost cost,
            Estimate score,
            Map<String, Double> tags,
            double anyOf,
            Estimate reward,
            Map<String, Estimate> judges,
            @Nullable Comparison minusBase,
            @Nullable Comparison minusBestOfN) {}

    /**
     * @param chance by Holm: the probability of such a difference by chance, all comparisons of the table considered
     * @param promptsNeeded NaN where prompts did not differ; else how many prompts would decide it, with a power of 80 %, if the
     *     true difference is this one, at the level that the smallest probability of the table is held against
     */
    record Comparison(Estimate difference, double chance, double promptsNeeded) {
        boolean significant() {
            return chance < PairedBootstrap.ALPHA;
        }
    }

    /** The estimates that stand in the table with their intervals. */
    Stream<Estimate> estimates() {
        return rows.stream()
                .flatMap(row -> Stream.concat(
                        Stream.of(row.score()),
                        Stream.of(row.minusBase(), row.minusBestOfN())
                                .flatMap(Stream::ofNullable)
                                .map(Comparison::difference)));
    }

    static BenchTable of(Results results) {
        var value = results.headline();
        var raw = new ArrayList<Double>();
        for (var cell : results.plan().cells()) {
            for (var other : others(results, cell)) {
                raw.add(PairedBootstrap.probabilityByChance(results.clusters(cell, other, value), Results.SEED));
            }
        }
        var adjusted = Holm.adjusted(raw.stream().mapToDouble(p -> p).toArray());
        double level = PairedBootstrap.ALPHA / Math.max(1, raw.size());
        int next = 0;
        var rows = new ArrayList<Row>();
        for (var cell : results.plan().cells()) {
            var comparisons = new LinkedHashMap<Cell, Comparison>();
            for (var other : others(results, cell)) {
                comparisons.put(other, comparison(results, cell, other, adjusted[next++], level));
            }
            rows.add(row(results, cell, comparisons));
        }
        return new BenchTable(rows);
    }

    private static Row row(Results results, Cell cell, Map<Cell, Comparison> comparisons) {
        var judges = new LinkedHashMap<String, Estimate>();
        for (var judge : results.plan().judges()) {
            ToDoubleFunction<UnitRecord> value = u -> u.judges().getOrDefault(judge, Double.NaN);
            judges.put(judge, results.score(cell, value));
        }
        return new Row(
                cell,
                results.cost(cell),
                results.overall(cell),
                results.tags(cell, results.headline()),
                results.judged() ? results.anyOf(cell) : Double.NaN,
                results.score(cell, UnitRecord::reward),
                judges,
                comparisons.get(results.base(cell)),
                comparisons.get(results.bestOfN(cell)));
    }

    private static Comparison comparison(Results results, Cell cell, Cell other, double adjusted, double level) {
        var difference = results.difference(results.clusters(cell, other, results.headline()));
        double needed = difference.promptsNeeded(level)
                * results.plan().suite().prompts().size();
        // With n prompts no sign flip is rarer than 2 in 2^n.
        double least = 1 - Math.log(level) / Math.log(2);
        return new Comparison(difference, adjusted, Math.ceil(Math.max(needed, least)));
    }

    /** What a cell is compared with. */
    private static List<Cell> others(Results results, Cell cell) {
        var others = new ArrayList<Cell>();
        var base = results.base(cell);
        var best = results.bestOfN(cell);
        if (base != null && !cell.isBase()) {
            others.add(base);
        }
        if (best != null && !cell.isBase() && !cell.isBestOfN()) {
            others.add(best);
        }
        return others;
    }
}
