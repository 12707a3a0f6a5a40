// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.PairedBootstrap.Estimate;
import dev.tiller.benchmark.PairedBootstrap.Range;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A benchmark that is complete: every unit in its place. */
final class Results {
    /** Of all resampling. */
    static final long SEED = 20261124;

    private final BenchPlan plan;
    private final Map<String, UnitRecord[][]> units = new LinkedHashMap<>();

    private Results(BenchPlan plan) {
        this.plan = plan;
        for (var cell : plan.cells()) {
            units.put(cell.name(), new UnitRecord[plan.suite().prompts().size()][plan.images()]);
        }
    }

    /**
     * Puts units in their places.
     *
     * @throws TillerException if some are missing
     */
    static Results of(BenchPlan plan, List<UnitRecord> records) {
        var results = new Results(plan);
        int placed = 0;
        for (var record : records) {
            var of = results.units.get(record.cell());
            if (of != null
                    && within(record.prompt(), of.length)
                    && within(record.image(), plan.images())
                    && of[record.prompt()][record.image()] == null) {
                of[record.prompt()][record.image()] = record;
                placed++;
            }
        }
        int wanted = plan.units().size();
        if (placed < wanted) {
            throw new TillerException(
                    "The benchmark is not complete: " + (wanted - placed) + " of " + wanted
                            + " pictures are missing; run it again to go on, or, if they are in other shards, merge all shards.");
        }
        return results;
    }

    private static boolean within(int index, int size) {
        return index >= 0 && index < size;
    }

    /**
     * What a folder holds, judged by the detections that somebody left beside the pictures, if there are any.
     *
     * @throws TillerException if units or detections are missing
     */
    static Results in(BenchFolder folder) {
        var plan = folder.plan();
        return of(
                plan,
                OutsideDetections.in(folder, plan)
                        ? OutsideDetections.judge(folder, plan, folder.units())
                        : folder.units());
    }

    BenchPlan plan() {
        return plan;
    }

    /** Whether pictures were judged by rules; else the reward is what there is. */
    boolean judged() {
        return units.values().iterator().next()[0][0].correct() != null;
    }

    /** What the headline is about: the share of correct pictures, or the reward. */
    ToDoubleFunction<UnitRecord> headline() {
        return judged() ? Results::correct : UnitRecord::reward;
    }

    private static double correct(UnitRecord unit) {
        return Boolean.TRUE.equals(unit.correct()) ? 1 : 0;
    }

    /** What models and rewards had to say, and to which prompts; both in order. */
    SortedMap<String, SortedSet<Integer>> remarks() {
        var remarks = new TreeMap<String, SortedSet<Integer>>();
        units.values().stream().flatMap(Arrays::stream).flatMap(Arrays::stream).forEach(unit -> {
            unit.remarks()
                    .forEach(remark -> remarks.computeIfAbsent(remark, r -> new TreeSet<>())
                            .add(unit.prompt()));
            missing(unit)
                    .forEach(value -> remarks.computeIfAbsent(
                                    "Not every picture of " + unit.cell() + " has a number as its " + value
                                            + ", so that no mean over them can be told.",
                                    r -> new TreeSet<>())
                            .add(unit.prompt()));
        });
        return remarks;
    }

    /** In words, what of a picture's values is no number. */
    private List<String> missing(UnitRecord unit) {
        var missing = new ArrayList<String>();
        if (!Double.isFinite(unit.reward())) {
            missing.add("reward");
        }
        for (var judge : plan.judges()) {
            if (!Double.isFinite(unit.judges().getOrDefault(judge, Double.NaN))) {
                missing.add("value by " + judge);
            }
        }
        return missing;
    }

    UnitRecord[] of(Cell cell, int prompt) {
        var of = units.get(cell.name());
        if (of == null) {
            throw new IllegalArgumentException(cell.name());
        }
        return of[prompt];
    }

    /** The mean over a prompt's images. */
    double mean(Cell cell, int prompt, ToDoubleFunction<UnitRecord> value) {
        double sum = 0;
        for (var unit : of(cell, prompt)) {
            sum += value.applyAsDouble(unit);
        }
        return sum / plan.images();
    }

    /** For each category the values of its prompts, less those of another cell if one is named. */
    List<double[]> clusters(Cell cell, @Nullable Cell minus, ToDoubleFunction<UnitRecord> value) {
        return clusters(p -> mean(cell, p, value) - (minus == null ? 0 : mean(minus, p, value)));
    }

    /** For each category the values of its prompts. */
    List<double[]> clusters(IntToDoubleFunction value) {
        var clusters = new ArrayList<double[]>();
        var prompts = plan.suite().prompts();
        for (var tag : plan.suite().tags()) {
            clusters.add(IntStream.range(0, prompts.size())
                    .filter(p -> prompts.get(p).tag().equals(tag))
                    .mapToDouble(value)
                    .toArray());
        }
        return clusters;
    }

    Estimate score(Cell cell, ToDoubleFunction<UnitRecord> value) {
        return PairedBootstrap.score(clusters(cell, null, value), SEED);
    }

    /** What the headline says of a cell. */
    Estimate overall(Cell cell) {
        return PairedBootstrap.score(clusters(cell, null, headline()), range(), SEED);
    }

    /** What it says of differences of prompts. */
    Estimate difference(List<double[]> clusters) {
        return PairedBootstrap.score(clusters, range().difference(), SEED);
    }

    private Range range() {
        return judged() ? Range.SHARE : Range.ANY;
    }

    /** For each category the mean, in the suite's order. */
    Map<String, Double> tags(Cell cell, ToDoubleFunction<UnitRecord> value) {
        var tags = new LinkedHashMap<String, Double>();
        var clusters = clusters(cell, null, value);
        int i = 0;
        for (var tag : plan.suite().tags()) {
            tags.put(tag, Arrays.stream(clusters.get(i++)).average().orElseThrow());
        }
        return tags;
    }

    /** The unweighted mean over the categories of the share of prompts with at least one correct image. */
    double anyOf(Cell cell) {
        return clusters(p -> Arrays.stream(of(cell, p)).anyMatch(u -> correct(u) > 0) ? 1 : 0).stream()
                .mapToDouble(values -> Arrays.stream(values).average().orElseThrow())
                .average()
                .orElseThrow();
    }

    /** What a picture cost on average. */
    Cost cost(Cell cell) {
        var sum = Cost.NONE;
        long n = 0;
        for (int p = 0; p < plan.suite().prompts().size(); p++) {
            for (var unit : of(cell, p)) {
                sum = sum.plus(unit.cost());
                n++;
            }
        }
        return new Cost(
                Math.round((double) sum.networkEvaluations() / n),
                Math.round((double) sum.decodes() / n),
                Math.round((double) sum.rewardCalls() / n),
                Math.round((double) sum.backwardPasses() / n));
    }

    /** Whether more than one model was measured; comparisons stay within one. */
    boolean severalModels() {
        return plan.cells().stream().map(Cell::model).distinct().count() > 1;
    }

    /** Whether cells are steered by different rewards; where rewards are all there is, comparisons stay within one. */
    boolean severalRewards() {
        return plan.cells().stream().map(Cell::reward).distinct().count() > 1;
    }

    private boolean comparable(Cell one, Cell other) {
        return one.model().equals(other.model()) && (judged() || one.reward().equals(other.reward()));
    }

    /** The plain cell of a cell's model, if it was measured. */
    @Nullable
    Cell base(Cell cell) {
        return plan.cells().stream()
                .filter(c -> c.isBase() && comparable(c, cell))
                .findFirst()
                .orElse(null);
    }

    /** The first plain cell, if one was measured. */
    @Nullable
    Cell base() {
        return plan.cells().stream().filter(Cell::isBase).findFirst().orElse(null);
    }

    /** Best-of-n with the budget and the model of a cell, if it was measured. */
    @Nullable
    Cell bestOfN(Cell cell) {
        return plan.cells().stream()
                .filter(c -> c.isBestOfN() && c.budget() == cell.budget() && comparable(c, cell))
                .findFirst()
                .orElse(null);
    }
}
