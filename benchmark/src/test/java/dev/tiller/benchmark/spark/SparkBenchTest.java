// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.benchmark.Bench;
import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchPlan;
import dev.tiller.benchmark.BenchReport;
import dev.tiller.benchmark.BenchSettings;
import dev.tiller.benchmark.UnitRecord;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny benchmark on the embedded model, in this process and by tasks of Spark that fail: the same bytes. */
class SparkBenchTest {
    @TempDir
    static Path temp;

    private static JavaSparkContext spark;
    private static BenchPlan plan;
    private static SparkBench bench;
    private static Map<String, String> expected;

    private static BenchPlan plan(Map<String, Object> options) {
        return new BenchSettings(
                        temp.resolve("suite.jsonl").toString(),
                        List.of("base", "fk(lambda=10)"),
                        List.of(2),
                        2,
                        7L,
                        List.of("verifier", "slips"),
                        null,
                        null,
                        options)
                .plan();
    }

    @BeforeAll
    static void makesItHere() throws IOException {
        var lines = Files.readAllLines(Path.of("src/main/resources/suites/scenes.jsonl"));
        Files.write(temp.resolve("suite.jsonl"), List.of(lines.get(0), lines.get(45), lines.get(85)));
        plan = plan(Map.of("steps", 2));
        var here = temp.resolve("here");
        try (var local = Bench.load(plan, ModelLocator.ofEnvironment(Map.of()), RewardCatalogue.load(Images.class));
                var folder = BenchFolder.open(here, local.planJson())) {
            assertTrue(local.run(folder, plan.units(), unit -> {}, () -> false));
            new BenchReport(folder).write();
        }
        expected = bytes(here);
        // Two tasks at once, each tried four times.
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2,4]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.driver.host", "127.0.0.1"));
        bench = SparkBench.load(plan, spark);
        try (var folder = BenchFolder.open(here, bench.planJson())) {
            assertEquals(here, folder.path());
        }
    }

    @AfterAll
    static void closes() {
        bench.close();
    }

    @AfterEach
    void nothingHappens() {
        Slips.happens = task -> {};
    }

    /** What a folder holds, but for what is about time. */
    private static Map<String, String> bytes(Path folder) throws IOException {
        var bytes = new TreeMap<String, String>();
        try (var walk = Files.walk(folder)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                var name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.equals("seconds.md")) {
                    // Of units the names are recipes; what they hold is in the report.
                    bytes.put(name, name.startsWith("units/") ? "" : RunFolder.sha256(Files.readAllBytes(file)));
                }
            }
        }
        return bytes;
    }

    private static void waitFor(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void tasksThatFailOrAreKilledAreTriedAgainAndTheReportIsTheSame() throws IOException {
        var happened = new CopyOnWriteArrayList<String>();
        Slips.happens = task -> {
            boolean second = happened.contains("seen " + task.taskAttemptId());
            happened.add("seen " + task.taskAttemptId());
            if (second && task.partitionId() == 1 && task.attemptNumber() == 0) {
                happened.add("failed");
                throw new IllegalStateException("thrown out");
            } else if (second && task.partitionId() == 2 && task.attemptNumber() == 0) {
                happened.add("killed");
                spark.sc().killTaskAttempt(task.taskAttemptId(), false, "by the test");
                waitFor(task::isInterrupted);
            } else if (task.partitionId() == 4 && task.attemptNumber() < 3) {
                happened.add("broken");
                throw new AssertionError("broken");
            }
        };
        var heard = new ArrayList<UnitRecord>();
        var folder = temp.resolve("spark");
        try (var there = BenchFolder.open(folder, bench.planJson())) {
            assertTrue(bench.run(there, plan.units(), heard::add, () -> false));
            new BenchReport(there).write();
        }
        assertEquals(
                List.of("broken", "broken", "broken", "failed", "killed"),
                happened.stream().filter(h -> !h.startsWith("seen")).sorted().toList());
        assertEquals(plan.units().size(), heard.size());
        assertEquals(
                plan.units().size(),
                new HashSet<>(heard.stream().map(UnitRecord::recipe).toList()).size());
        assertEquals(expected, bytes(folder));
    }

    @Test
    void inShardsTheReportIsTheSame() throws IOException {
        var merged = temp.resolve("merged");
        try (var whole = BenchFolder.open(merged, bench.planJson())) {
            for (int shard = 0; shard < 3; shard++) {
                int own = shard;
                var units =
                        plan.units().stream().filter(u -> u.prompt() % 3 == own).toList();
                try (var part = BenchFolder.open(temp.resolve("shard" + shard), bench.planJson())) {
                    assertTrue(bench.run(part, units, unit -> {}, () -> false));
                    whole.take(part);
                }
            }
            new BenchReport(whole).write();
        }
        assertEquals(expected, bytes(merged));
    }

    /** The work is stopped after the first part, then Spark gives up after a fourth failure, then nothing happens. */
    @Test
    void whatWasHandedOverIsNotMadeAgain() throws IOException {
        var pieces = temp.resolve("pieces");
        var heard = new ArrayList<UnitRecord>();
        try (var folder = BenchFolder.open(pieces, bench.planJson())) {
            assertFalse(bench.run(folder, plan.units(), heard::add, () -> !heard.isEmpty()));
            assertEquals(2, heard.size());
            Slips.happens = task -> {
                if (task.partitionId() == 3) {
                    throw new IllegalStateException("thrown out");
                }
            };
            var e = assertThrows(TillerException.class, () -> bench.run(folder, plan.units(), heard::add, () -> false));
            assertTrue(
                    e.getMessage().startsWith("Spark has given up: Job aborted")
                            && e.getMessage().contains("failed 4 times")
                            && e.getMessage().contains("thrown out"),
                    e.getMessage());
            Slips.happens = task -> {};
            assertTrue(bench.run(folder, plan.units(), heard::add, () -> false));
            assertEquals(plan.units().size(), heard.size());
            new BenchReport(folder).write();
        }
        assertEquals(expected, bytes(pieces));
    }

    @Test
    void aPlanThatCannotBeIsRefusedInASentence() {
        var nowhere = plan(Map.of("steps", 2, "model", temp.resolve("nowhere").toString()));
        var e = assertThrows(TillerException.class, () -> SparkBench.load(nowhere, spark));
        assertTrue(
                e.getMessage().startsWith("Executor driver: ") && e.getMessage().contains("nowhere"), e.getMessage());
    }

    @Test
    void anExecutorUnlikeTheFirstIsRefused() {
        var text = plan.toText();
        var other = bench.planJson().toString().replace("\"threads\":\"", "\"threads\":\"1");
        var made = spark.parallelize(List.of(0), 1).map(any -> ExecutorBench.make(text, other, new int[] {0}));
        try (var answers = Answers.of(made)) {
            var e = assertThrows(TillerException.class, answers::next);
            assertTrue(e.getMessage().contains("versions.threads: 1"), e.getMessage());
        }
    }

    @Test
    void sparkChoosesTheCard() {
        try {
            Card.choose("cpu", List.of("3"));
            Card.choose("cuda:1", List.of());
            assertEquals(Device.cuda(0), Device.parse("cuda"));
            Card.choose("cuda", List.of("3"));
            Card.choose("cuda", List.of("3", "4"));
            assertEquals(Device.cuda(3), Device.parse("cuda"));
            assertEquals(Device.cuda(1), Device.parse("cuda:1"));
            for (var wrong : List.of("2", "GPU-0a1b")) {
                assertThrows(TillerException.class, () -> Card.choose("cuda", List.of(wrong)), wrong);
            }
            assertThrows(TillerException.class, () -> Card.choose("cuda:3", List.of("3")));
        } finally {
            System.clearProperty(Device.CARD);
        }
        assertEquals(
                List.of(List.of()),
                spark.parallelize(List.of(0), 1)
                        .map(any -> Card.given(TaskContext.get()))
                        .collect());
    }
}
