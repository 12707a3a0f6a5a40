// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report says of units that were made up. */
class BenchReportTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path temp;

    /** By no detector. */
    private static @Nullable Boolean unjudged(Unit unit) {
        return null;
    }

    private BenchPlan plan(String suite, List<String> methods, List<Integer> particles, int images, String... judges)
            throws IOException {
        var name = suite.startsWith("{") ? "suite.jsonl" : "suite.txt";
        var file = Files.writeString(temp.resolve(name), suite);
        return new BenchSettings(
                        file.toString(),
                        methods,
                        particles,
                        images,
                        1L,
                        List.of(judges),
                        null,
                        null,
                        Map.of("steps", 2))
                .plan();
    }

    private static String rules(String tag, String prompt) {
        return "{\"tag\": \"%s\", \"include\": [{\"class\": \"star\"}], \"prompt\": \"%s\"}\n".formatted(tag, prompt);
    }

    private BenchFolder folder(
            String name, BenchPlan plan, Function<Unit, @Nullable Boolean> correct, ToDoubleFunction<Unit> reward)
            throws IOException {
        var folder = BenchFolder.open(temp.resolve(name), JSON.readTree(plan.toText()));
        for (var unit : plan.units()) {
            var text = unit.cell().name() + " " + unit.prompt() + " " + unit.image();
            int colour = Math.floorMod(text.hashCode(), 1 << 24);
            var png = Png.encode(
                    new Picture(1, 1, new byte[] {(byte) (colour >> 16), (byte) (colour >> 8), (byte) colour}),
                    Map.of("made", text));
            double value = reward.applyAsDouble(unit);
            var judges = new LinkedHashMap<String, Double>();
            plan.judges().forEach(judge -> judges.put(judge, value));
            int k = unit.cell().budget();
            folder.add(
                    new UnitRecord(
                            RunFolder.sha256(text.getBytes(StandardCharsets.UTF_8)),
                            unit.cell().name(),
                            unit.prompt(),
                            unit.image(),
                            7,
                            RunFolder.sha256(png),
                            correct.apply(unit),
                            "",
                            value,
                            judges,
                            new Cost(4L * k, k, k, 0),
                            k,
                            0.01,
                            List.of()),
                    png);
        }
        return folder;
    }

    private static boolean is(Unit unit, String method) {
        return unit.cell().method().startsWith(method);
    }

    /** Every link of the report leads to something that is there, and no text of a suite is markup. */
    @Test
    void hostileTextsStayTexts() throws IOException {
        var plan = plan(
                rules("a b", "<script>alert(1)</script> 🐶")
                        + rules("a-b", "=cmd|'/c calc'!A1")
                        + rules("x|y_{%}^~\\\\<b>&#$", "two \\\"quoted\\\"\\nlines"),
                List.of("base", "bon"),
                List.of(2),
                1);
        try (var folder = folder("hostile", plan, unit -> true, unit -> 1)) {
            new BenchReport(folder).write();
        }
        var root = temp.resolve("hostile");
        var html = Files.readString(root.resolve("report.html"));
        var pages = html + Files.readString(root.resolve("images-base.html"));
        assertFalse(pages.contains("<script>") || pages.contains("<b>"), pages);
        assertTrue(pages.contains("&lt;script&gt;alert(1)&lt;/script&gt; 🐶"), pages);
        var seen = new TreeSet<String>();
        var links = Pattern.compile("(?:href|src)=\"([^\"]*)\"").matcher(html);
        while (links.find()) {
            var link = links.group(1).split("#", 2);
            if (!link[0].startsWith("data:image/png;base64,")) {
                assertTrue(Files.exists(root.resolve(link[0])), link[0]);
                if (link.length > 1) {
                    seen.add(link[1]);
                    assertTrue(Files.readString(root.resolve(link[0])).contains("id=\"" + link[1] + "\""), link[1]);
                }
            }
        }
        assertEquals(3, seen.size(), "one place for each category: " + seen);
        var plots = List.of(html.split("<svg", -1));
        assertEquals(3 + 1, plots.size(), "scores, rewards and scores against compute");
        plots.subList(1, plots.size())
                .forEach(plot -> assertTrue(plot.contains("<a href=\"images-base.html\"><"), plot));
        assertTrue(Files.readString(root.resolve("results.csv")).contains(",\"'=cmd|'/c calc'!A1\","));
        var markdown = Files.readString(root.resolve("table.md")).lines().toList();
        assertTrue(markdown.get(0).contains("| x\\|y_{%}^~\\<b>&#$ |"), markdown.get(0));
        var latex = Files.readString(root.resolve("table.tex"));
        assertTrue(
                latex.contains(
                        "x\\textbar{}y\\_\\{\\%\\}\\textasciicircum{}\\textasciitilde{}\\textbackslash{}\\textless{}b\\textgreater{}\\&\\#\\$ &"),
                latex);
    }

    @Test
    void cellsHaveFilesOfTheirOwn() throws IOException {
        var path = "deep/".repeat(60);
        var plan = plan(
                "a star\n",
                List.of(
                        "bon(reward=clip+verifier)",
                        "bon(reward=clip-verifier)",
                        "bon(reward=clip(model=" + path + "))"),
                List.of(2),
                1);
        try (var folder =
                folder("files", plan, BenchReportTest::unjudged, unit -> is(unit, "bon(reward=clip+") ? 1 : 2)) {
            new BenchReport(folder).write();
        }
        var names = plan.cells().stream().map(plan::fileName).toList();
        assertEquals(3, names.stream().distinct().count(), names.toString());
        assertTrue(names.get(2).length() < 200, names.get(2));
        for (var cell : plan.cells()) {
            var page = Files.readString(temp.resolve("files/images-" + plan.fileName(cell) + ".html"));
            assertTrue(page.contains(is(new Unit(cell, 0, 0), "bon(reward=clip+") ? ": 1<" : ": 2<"), page);
            assertTrue(Files.exists(temp.resolve("files/geneval/" + plan.fileName(cell) + "/00000/samples/0000.png")));
        }
    }

    /** A judge may not answer. */
    @Test
    void whatIsNoNumberIsSaidAndNotSignificant() throws IOException {
        var plan = plan("one\ntwo\nthree\n", List.of("base", "bon", "fk"), List.of(2), 1, "clip");
        BenchReport report;
        try (var folder = folder(
                "missing",
                plan,
                BenchReportTest::unjudged,
                unit -> is(unit, "fk") && unit.prompt() == 1
                        ? Double.NaN
                        : unit.prompt() + unit.cell().budget())) {
            report = new BenchReport(folder);
            report.write();
        }
        var markdown = report.markdown();
        var fk = markdown.lines()
                .filter(line -> line.startsWith("| fk"))
                .toList()
                .get(0);
        assertEquals("| fk k=2 | 8 | n/a | n/a | n/a | n/a | n/a | n/a | n/a | n/a | n/a |", fk);
        assertTrue(markdown.contains("Not every picture of fk k=2 has a number as its reward"), markdown);
        assertTrue(markdown.contains("value by clip, so that no mean over them can be told. (prompt 1)"), markdown);
        var cell = JSON.readTree(report.json()).path("cells").path(2);
        for (var node : List.of(cell.path("overall"), cell.path("reward"), cell.path("minus_base"))) {
            assertTrue(node.path("value").isNull(), cell.toPrettyString());
        }
        assertTrue(cell.path("minus_base").path("p_holm").isNull(), cell.toPrettyString());
        assertFalse(Files.readString(temp.resolve("missing/report.html")).contains("NaN"));
    }

    @Test
    void rewardsOfDifferentKindsAreNotCompared() throws IOException {
        var plan = plan("one\ntwo\nthree\n", List.of("base", "bon", "fk(reward=verifier)"), List.of(2), 1, "verifier");
        BenchReport report;
        try (var folder = folder(
                "kinds",
                plan,
                BenchReportTest::unjudged,
                unit -> unit.prompt() + unit.cell().budget())) {
            report = new BenchReport(folder);
            report.write();
        }
        var cells = JSON.readTree(report.json()).path("cells");
        assertTrue(cells.path(1).has("minus_base"));
        assertFalse(cells.path(2).has("minus_base") || cells.path(2).has("minus_best_of_n"), cells.toPrettyString());
        assertTrue(report.markdown().contains("fk(reward=verifier) k=2 by verifier."), report.markdown());
        assertTrue(Files.readString(temp.resolve("kinds/report.html"))
                .contains("verifier, which steered some cells too,"));
    }

    /** As many as there are have not decided it. */
    @Test
    void morePromptsAreNeededThanThereAre() throws IOException {
        var prompts = new StringBuilder();
        for (int p = 0; p < 12; p++) {
            prompts.append("prompt ").append(p).append('\n');
        }
        var plan = plan(prompts.toString(), List.of("base", "bon", "fk", "svdd", "search"), List.of(2, 4), 1);
        BenchReport report;
        try (var folder = folder(
                "power",
                plan,
                BenchReportTest::unjudged,
                unit -> is(unit, "fk")
                        ? 0.01 * unit.prompt() + 0.7 + (unit.prompt() % 3 == 0 ? -1.5 : 0.5)
                        : 0.01 * unit.prompt())) {
            report = new BenchReport(folder);
        }
        int undecided = 0;
        for (JsonNode cell : JSON.readTree(report.json()).path("cells")) {
            var compared = cell.path("minus_best_of_n");
            if (compared.path("p_holm").asDouble(0) >= 0.05 && compared.has("prompts_to_decide")) {
                undecided++;
                assertTrue(compared.path("prompts_to_decide").asDouble() > 12, compared.toPrettyString());
            }
        }
        assertEquals(2, undecided, report.json());
    }

    /** Of a prompt's images the one that gained most is shown, and a method at its largest budget. */
    @Test
    void casesShowWhatGainedAndLost() throws IOException {
        var plan = plan(rules("a", "one") + rules("b", "two"), List.of("base", "bon"), List.of(4, 2), 3);
        try (var folder = folder(
                "cases",
                plan,
                unit -> !unit.cell().isBase()
                        && unit.prompt() == 1
                        && unit.image() == 2
                        && unit.cell().budget() == 4,
                unit -> unit.prompt() == 0 && unit.image() == 1
                        ? -5 * unit.cell().budget()
                        : 0)) {
            new BenchReport(folder).write();
            var cases = Files.readString(temp.resolve("cases/report.html"))
                    .replaceAll("(?s).*<h2>bon k=4: best and worst cases</h2>", "");
            var shown = new ArrayList<String>();
            var pictures = Pattern.compile("href=\"pictures/([0-9a-f]{64})").matcher(cases);
            while (pictures.find()) {
                shown.add(folder.units().stream()
                        .filter(unit -> unit.picture().equals(pictures.group(1)))
                        .map(unit -> unit.cell() + " " + unit.prompt() + " " + unit.image())
                        .findFirst()
                        .orElseThrow());
            }
            assertEquals(List.of("base 1 2", "bon k=4 1 2", "base 0 1", "bon k=4 0 1"), shown);
        }
    }

    /** Whatever the order in which levels are given. */
    @Test
    void equalTimeIsFoundBetweenBudgets() throws IOException {
        var plan = plan("one\n", List.of("bon", "fk"), List.of(4, 2), 1);
        try (var folder = folder(
                "seconds", plan, BenchReportTest::unjudged, unit -> unit.cell().budget())) {
            new BenchReport(folder).write();
        }
        var seconds = Files.readString(temp.resolve("seconds/seconds.md"));
        assertTrue(seconds.contains("| fk k=4 | 4.00 | 4.000 | 4.000 |"), seconds);
    }

    /** A detector is asked for only where there are rules to judge by. */
    @Test
    void aReportSaysWhatWouldJudge() throws IOException {
        for (boolean rules : new boolean[] {false, true}) {
            var plan = plan(rules ? rules("x", "a star") : "one\n", List.of("base"), List.of(2), 1);
            var name = "rules-" + rules;
            try (var folder = folder(name, plan, BenchReportTest::unjudged, unit -> 1)) {
                new BenchReport(folder).write();
            }
            var html = Files.readString(temp.resolve(name + "/report.html"));
            assertEquals(rules, html.contains("detections.jsonl"), html);
            assertEquals(!rules, html.contains("rewards are all there is"), html);
        }
    }

    private BenchFolder judgedElsewhere(BenchFolder folder, BenchPlan plan, double score) throws IOException {
        for (var cell : plan.cells()) {
            var place = Files.createDirectories(folder.path().resolve("geneval/" + plan.fileName(cell)));
            var lines = new ArrayList<String>();
            for (int p = 0; p < plan.suite().prompts().size(); p++) {
                lines.add(
                        "{\"prompt_index\": %d, \"image\": \"0000.png\", \"detections\": [{\"class\": \"dog\", \"score\": %s, \"box\": [0, 0, 9, 9]}]}"
                                .formatted(p, score));
            }
            Files.write(place.resolve("detections.jsonl"), lines);
        }
        return folder;
    }

    @Test
    void comparisonsAreOfTheSameJudgements() throws IOException {
        var dogs = (rules("a", "one dog") + rules("b", "a dog")).replace("star", "dog");
        var plan = plan(dogs, List.of("base"), List.of(1), 1);
        try (var none = judgedElsewhere(folder("none", plan, BenchReportTest::unjudged, unit -> 5), plan, 0.1);
                var all = judgedElsewhere(folder("all", plan, BenchReportTest::unjudged, unit -> 3), plan, 0.9);
                var unjudged = folder("unjudged", plan, BenchReportTest::unjudged, unit -> 3);
                var here = folder("here", plan, unit -> true, unit -> 3)) {
            var row = JSON.readTree(BenchComparison.of(none, all).json()).path(0);
            assertEquals(0, row.path("first").asDouble(-1), row.toString());
            assertEquals(1, row.path("second").asDouble(-1), row.toString());
            for (var other : List.of(unjudged, here)) {
                var e = assertThrows(TillerException.class, () -> BenchComparison.of(all, other));
                assertTrue(e.getMessage().contains("not judged by the same detector"), e.getMessage());
            }
        }
        try (var clip =
                folder("byclip", plan("one\n", List.of("bon"), List.of(2), 1), BenchReportTest::unjudged, unit -> 1)) {
            var settings = new BenchSettings(
                    temp.resolve("suite.txt").toString(),
                    List.of("bon"),
                    List.of(2),
                    1,
                    1L,
                    null,
                    null,
                    null,
                    Map.of("steps", 2, "reward", "verifier"));
            try (var verifier = folder("byverifier", settings.plan(), BenchReportTest::unjudged, unit -> 1)) {
                var e = assertThrows(TillerException.class, () -> BenchComparison.of(clip, verifier));
                assertTrue(e.getMessage().contains("different ones, clip and verifier"), e.getMessage());
            }
        }
    }

    @Test
    void damagedUnitsAreNamedAndForeignOnesPassedOver() throws IOException {
        var plan = plan("one\n", List.of("base"), List.of(1), 1);
        try (var folder = folder("damaged", plan, BenchReportTest::unjudged, unit -> 1)) {
            var whole = folder.units().get(0);
            var other = temp.resolve("damaged/units/" + "0".repeat(64) + ".json");
            for (var text : List.of(
                    "",
                    "null",
                    "{}",
                    "{\"cell\": \"base\"}",
                    "[]",
                    whole.toJson().substring(0, 90))) {
                Files.writeString(other, text);
                var e = assertThrows(TillerException.class, folder::units, text);
                assertTrue(e.getMessage().contains(other + " is damaged; run the benchmark again"), e.getMessage());
            }
            Files.writeString(other, whole.toJson().replace("\"prompt\":0", "\"prompt\":7"));
            assertNotEquals(1, folder.units().size());
            assertTrue(new BenchReport(folder).markdown().contains("| base | 4 | 1.000 |"));
        }
    }
}
