// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchListener;
import dev.tiller.benchmark.BenchPlan;
import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.benchmark.BenchRunner;
import dev.tiller.benchmark.UnitRecord;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A plan on Apache Spark. A task makes the pictures of one prompt and one image number, in all cells; what it made comes back to
 * the driver, which alone writes in the folder. A task that fails, or is lost with its executor, is tried again, and whoever else
 * made its part too, Spark hands over one result.
 */
public final class SparkBench implements BenchRunner {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JavaSparkContext spark;
    private final String plan;
    private final String planJson;
    /** In the plan's order. */
    private final Map<Place, String> recipes = new LinkedHashMap<>();

    /** Of a unit in the plan. */
    private record Place(String cell, int prompt, int image) {
        static Place of(Unit unit) {
            return new Place(unit.cell().name(), unit.prompt(), unit.image());
        }
    }

    /** What a task makes. */
    private record Seed(int prompt, int image) {}

    private SparkBench(JavaSparkContext spark, BenchPlan plan, CheckedPlan checked) {
        this.spark = spark;
        this.plan = plan.toText();
        this.planJson = checked.planJson();
        var recipe = checked.recipes().iterator();
        plan.units().forEach(unit -> recipes.put(Place.of(unit), recipe.next()));
    }

    /**
     * Begins a Spark application with the configuration that {@code spark-submit} gave this process, and has an executor load the
     * plan's models and check its cells.
     *
     * @throws TillerException if there is no such configuration, or as {@link dev.tiller.benchmark.Bench#load}
     */
    public static SparkBench load(BenchPlan plan) {
        var conf = new SparkConf().setIfMissing("spark.app.name", "tiller bench");
        if (!conf.contains("spark.master")) {
            throw new TillerException("Spark was not told where its cluster is; start this by spark-submit --master.");
        }
        // All pictures come through the driver, which keeps none of them in memory.
        conf.setIfMissing("spark.driver.maxResultSize", "0");
        var spark = new JavaSparkContext(conf);
        try {
            return load(plan, spark);
        } catch (RuntimeException | Error e) {
            spark.close();
            throw e;
        }
    }

    /** @param spark closed with what is loaded */
    static SparkBench load(BenchPlan plan, JavaSparkContext spark) {
        var text = plan.toText();
        var checks = spark.parallelize(List.of(0), 1).map(any -> ExecutorBench.check(text));
        try (var answers = Answers.of(checks)) {
            return new SparkBench(spark, plan, answers.next());
        }
    }

    @Override
    public JsonNode planJson() {
        try {
            return JSON.readTree(planJson);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String recipe(Unit unit) {
        return Objects.requireNonNull(recipes.get(Place.of(unit)), unit.cell().name());
    }

    /** What tasks have begun and not handed over when this is stopped, or when they are lost, will be made again. */
    @Override
    public boolean run(BenchFolder folder, List<Unit> units, BenchListener progress, BooleanSupplier stopped) {
        var parts = parts(folder, units, progress::kept);
        if (parts.isEmpty()) {
            return true;
        }
        var text = plan;
        var expected = planJson;
        var made = spark.parallelize(parts, parts.size()).map(part -> ExecutorBench.make(text, expected, part));
        try (var answers = Answers.of(made)) {
            for (int left = parts.size(); left > 0 && !stopped.getAsBoolean(); ) {
                var part = answers.nextSoon();
                if (part.isPresent()) {
                    part.get().commit(folder, progress);
                    left--;
                }
            }
        } catch (TillerException e) {
            // A signal that stops this process stops Spark's threads too.
            if (!stopped.getAsBoolean()) {
                throw e;
            }
        }
        return parts(folder, units, kept -> {}).isEmpty();
    }

    /** What a folder lacks, each part as places in the plan's units. */
    private List<int[]> parts(BenchFolder folder, List<Unit> units, Consumer<UnitRecord> kept) {
        var wanted = new HashSet<Place>();
        units.forEach(unit -> wanted.add(Place.of(unit)));
        Map<Seed, List<Integer>> parts = new LinkedHashMap<>();
        int index = 0;
        for (var unit : recipes.entrySet()) {
            var place = unit.getKey();
            int at = index++;
            if (wanted.contains(place)) {
                folder.find(unit.getValue())
                        .ifPresentOrElse(
                                kept,
                                () -> parts.computeIfAbsent(
                                                new Seed(place.prompt(), place.image()), s -> new ArrayList<>())
                                        .add(at));
            }
        }
        return parts.values().stream()
                .map(part -> part.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** Ends the Spark application. */
    @Override
    public void close() {
        spark.close();
        // Where the driver is its own executor.
        ExecutorBench.unload();
    }
}
