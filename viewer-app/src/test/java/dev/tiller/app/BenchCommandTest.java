// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    private static final String DOG =
            "{\"tag\": \"colors\", \"include\": [{\"class\": \"dog\", \"count\": 1, \"color\": \"red\"}], \"prompt\": \"a red dog\"}\n";
    private static final String SEEN = "{\"prompt_index\": 0, \"image\": \"0000.png\", \"detections\":"
            + " [{\"class\": \"dog\", \"score\": 0.93, \"box\": [0, 0, 5, 5], \"color\": \"brown\"}]}\n";

    @TempDir
    Path temp;

    private int code;

    private List<String> told(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        code = Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(args);
        return (code == 0 ? out : err).toString().lines().toList();
    }

    private List<String> score(String metadata, String detections, String... more) throws IOException {
        var args = new ArrayList<>(List.of("bench", "score"));
        args.addAll(List.of(
                "--metadata",
                Files.writeString(temp.resolve("m.jsonl"), metadata).toString()));
        args.addAll(List.of(
                "--detections",
                Files.writeString(temp.resolve("d.jsonl"), detections).toString()));
        args.addAll(List.of(more));
        return told(args.toArray(String[]::new));
    }

    @Test
    void scoreAnswersWithALineForEachImageAndASummary() throws IOException {
        var lines = score(DOG, SEEN, "--json");
        assertEquals(2, lines.size());
        assertEquals(
                "{\"prompt_index\":0,\"image\":\"0000.png\",\"tag\":\"colors\",\"correct\":false,\"reason\":\"the dog is brown, not red\"}",
                lines.get(0));
        var summary = JsonMapper.builder().build().readTree(lines.get(1)).path("summary");
        assertEquals(0, summary.path("overall").asDouble(-1));
        assertEquals(0, summary.path("tags").path("colors").asDouble(-1));
        assertEquals(1, summary.path("images").asInt());
        var table = score(DOG, SEEN.replace("brown", "red")).toString();
        assertTrue(table.matches(".*overall +100\\.00 %.*"), table);
    }

    @Test
    void whatCannotBeScoredIsRefusedInASentence() throws IOException {
        assertEquals(1, score(DOG + DOG, SEEN).size());
        assertEquals(1, code);
        assertTrue(score(DOG, "{").get(0).contains("line 1"));
        assertTrue(score("", SEEN).get(0).contains("no prompts"));
        told("bench", "score", "--metadata", "nowhere.jsonl", "--detections", "nowhere.jsonl");
        assertEquals(1, code);
        told("bench", "--methods", "magic", "--out", temp.resolve("out").toString());
        assertEquals(1, code);
        assertFalse(Files.exists(temp.resolve("out")));
        var nested = told("bench", "--judges", "verifier(soft=true,magic=1),clip", "--first", "1");
        assertTrue(nested.get(0).contains("verifier") && nested.get(0).contains("magic"), nested.toString());
        told("bench", "--shard", "3/2");
        assertEquals(2, code);
        told("bench", "report", "--compare", "one");
        assertEquals(2, code);
    }

    /** With a method that brings its own model, as in the help's first example. */
    @Test
    void aDryRunSaysWhatEveryCellTakes() throws IOException {
        var suite = Files.writeString(temp.resolve("one.txt"), "a star\n").toString();
        var told = String.join(
                "\n",
                told(("bench --methods base,bon,reno --particles 2 --images 1 --steps 4 --dry-run --suite " + suite)
                        .split(" ", -1)));
        assertEquals(0, code, told);
        assertTrue(told.contains("reno k=2: at most 16 network evaluations a picture on scenes-turbo"), told);
        assertTrue(told.contains("5 pictures, at most 57 network evaluations"), told);
        var refused = told("bench", "--methods", "fk(particles=9)", "--particles", "4", "--dry-run");
        assertEquals(1, code);
        assertTrue(refused.get(0).contains("may spend 400 network evaluations on a picture"), refused.toString());
    }

    /** A shard's folder can be the one that the others are put into. */
    @Test
    void shardsMergeIntoOneOfThem() throws IOException {
        var suite =
                Files.writeString(temp.resolve("two.txt"), "a star\na moon\n").toString();
        for (int i = 1; i <= 2; i++) {
            var told = told(("bench --methods base --images 1 --steps 2 --json --suite " + suite + " --shard " + i
                            + "/2 --out " + temp.resolve("part" + i))
                    .split(" ", -1));
            assertEquals(0, code, told.toString());
            assertTrue(told.get(0).startsWith("{"), told.toString());
        }
        var told = told(
                "bench",
                "merge",
                "--out",
                temp.resolve("part1").toString(),
                temp.resolve("part1").toString(),
                temp.resolve("part2").toString());
        assertEquals(0, code, told.toString());
        assertTrue(Files.exists(temp.resolve("part1/report.html")));
    }

    private Process bench(Path out) throws IOException {
        var lines = """
                {"tag": "a", "include": [{"class": "star"}], "prompt": "a star"}
                {"tag": "b", "include": [{"class": "moon"}], "prompt": "a moon"}
                """;
        var suite = Files.writeString(temp.resolve("suite.jsonl"), lines);
        return TillerProcess.start(
                temp,
                List.of(),
                List.of(("bench --suite " + suite
                                + " --methods base,bon,fk --particles 2 --images 2 --steps 10 --seed 5 --out " + out)
                        .split(" ", -1)));
    }

    private int ended(Process process) throws Exception {
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        return process.exitValue();
    }

    private static long units(Path folder) throws IOException {
        if (!Files.isDirectory(folder.resolve("units"))) {
            return 0;
        }
        try (var files = Files.list(folder.resolve("units"))) {
            return files.filter(f -> f.toString().endsWith(".json")).count();
        }
    }

    private String stderr() throws IOException {
        return Files.readString(temp.resolve("stderr"));
    }

    /** As real processes; a hundred kills are made by tools/bench/kills.sh. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void killedAndStartedAgainTheReportIsTheSame() throws Exception {
        var whole = temp.resolve("whole");
        assertEquals(0, ended(bench(whole)), stderr());
        var killed = temp.resolve("killed");
        for (int units : new int[] {1, 4, 9}) {
            var victim = bench(killed);
            while (victim.isAlive() && units(killed) < units) {
                Thread.sleep(10);
            }
            assertTrue(victim.isAlive(), stderr());
            if (units == 4) {
                var second = bench(killed);
                assertEquals(1, ended(second));
                assertTrue(stderr().contains("at work in the folder"), stderr());
            }
            victim.destroyForcibly();
            ended(victim);
            assertFalse(Files.exists(killed.resolve("report.html")));
        }
        assertEquals(0, ended(bench(killed)), stderr());
        assertEquals(bytes(whole), bytes(killed));
    }

    /** All but what is about time. */
    private static Map<String, Integer> bytes(Path folder) throws IOException {
        var bytes = new TreeMap<String, Integer>();
        try (var walk = Files.walk(folder)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                var name = folder.relativize(file).toString();
                if (!name.startsWith("units") && !name.equals("seconds.md")) {
                    bytes.put(name, Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return bytes;
    }
}
