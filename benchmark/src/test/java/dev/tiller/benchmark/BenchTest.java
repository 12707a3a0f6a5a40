// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.method.Method;
import dev.tiller.method.Methods;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.Cost;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny benchmark on the embedded model, whole, in pieces and in shards: the same bytes. */
class BenchTest {
    @TempDir
    static Path temp;

    private static BenchPlan plan;
    private static Bench bench;
    private static Map<String, String> expected;

    private static BenchPlan plan(List<String> methods, List<String> judges) throws IOException {
        return plan(methods, judges, Map.of("steps", 4));
    }

    private static BenchPlan plan(List<String> methods, List<String> judges, Map<String, Object> options)
            throws IOException {
        var lines = Suite.lines(Path.of("src/main/resources/suites/scenes.jsonl"));
        var file = temp.resolve("suite.jsonl");
        Files.write(file, List.of(lines.get(0), lines.get(45), lines.get(85)));
        return new BenchSettings(file.toString(), methods, List.of(2), 2, 7L, judges, null, null, options).plan();
    }

    private static Bench load(BenchPlan what) {
        return Bench.load(what, ModelLocator.ofEnvironment(Map.of()), RewardCatalogue.load(Images.class));
    }

    @BeforeAll
    static void makesItOnce() throws IOException {
        plan = plan(List.of("base", "bon", "fk"), List.of("verifier"));
        bench = load(plan);
        var whole = temp.resolve("whole");
        try (var folder = BenchFolder.open(whole, bench.planJson())) {
            assertTrue(bench.run(folder, plan.units(), unit -> {}, () -> false));
            new BenchReport(folder).write();
        }
        expected = bytes(whole);
    }

    @AfterAll
    static void closes() {
        bench.close();
    }

    /** What a folder holds, but for what is about time. */
    private static Map<String, String> bytes(Path folder) throws IOException {
        var bytes = new TreeMap<String, String>();
        try (var walk = Files.walk(folder)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                var name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.startsWith("units/") && !name.equals("seconds.md")) {
                    bytes.put(name, Arrays.hashCode(Files.readAllBytes(file)) + " " + Files.size(file));
                }
            }
        }
        return bytes;
    }

    @Test
    void aReportHasEverything() throws IOException {
        var whole = temp.resolve("whole");
        var html = Files.readString(whole.resolve("report.html"));
        assertTrue(html.contains("cannot be compared with GenEval") && html.contains("best and worst cases"), html);
        assertEquals(
                1 + plan.units().size(),
                Files.readAllLines(whole.resolve("results.csv")).size());
        assertTrue(Files.readString(whole.resolve("table.tex")).contains("fk k=2"));
        assertTrue(
                expected.containsKey("geneval/fk-k=2/00002/samples/0001.png"),
                expected.keySet().toString());
        assertEquals(
                Suite.lines(temp.resolve("suite.jsonl")).get(2),
                Files.readString(whole.resolve("geneval/fk-k=2/00002/metadata.jsonl"))
                        .strip()
                        .replace(":", ": ")
                        .replace(",", ", "));
    }

    @Test
    void cellsSpendEquallyMuchAndChooseAmongTheSameNoises() {
        try (var folder = BenchFolder.open(temp.resolve("whole"))) {
            var results = Results.of(plan, folder.units());
            var cells = plan.cells();
            assertEquals(8, results.cost(cells.get(0)).networkEvaluations());
            assertEquals(16, results.cost(cells.get(1)).networkEvaluations());
            assertEquals(16, results.cost(cells.get(2)).networkEvaluations());
            for (int p = 0; p < 3; p++) {
                for (int i = 0; i < 2; i++) {
                    assertTrue(results.of(cells.get(1), p)[i].reward() >= results.of(cells.get(0), p)[i].reward());
                }
            }
        }
    }

    /** Stopped in the middle of runs, and thrown out between them, at random points. */
    @Test
    void inPiecesTheReportIsTheSame() throws IOException {
        var pieces = temp.resolve("pieces");
        var random = new SplittableRandom(4);
        boolean complete = false;
        int stops = 0;
        while (!complete) {
            int[] left = {random.nextInt(12)};
            int units = random.nextInt(4);
            int[] made = {0};
            try (var folder = BenchFolder.open(pieces, bench.planJson())) {
                complete = bench.run(
                        folder,
                        plan.units(),
                        unit -> {
                            if (made[0]++ == units) {
                                throw new IllegalStateException("thrown out");
                            }
                        },
                        () -> left[0]-- == 0);
            } catch (IllegalStateException e) {
                // As asked for.
            }
            stops++;
            Files.createDirectories(pieces.resolve("units"));
            Files.writeString(pieces.resolve("units/.draft-torn.json"), "{\"rec");
        }
        assertTrue(stops > 3, stops + " pieces");
        try (var folder = BenchFolder.open(pieces, bench.planJson())) {
            assertEquals(plan.units().size(), folder.units().size());
            new BenchReport(folder).write();
        }
        assertEquals(expected, bytes(pieces));
    }

    @Test
    void inShardsTheReportIsTheSame() throws IOException {
        for (int shard = 0; shard < 3; shard++) {
            int own = shard;
            try (var folder = BenchFolder.open(temp.resolve("shard" + shard), bench.planJson())) {
                bench.run(
                        folder,
                        plan.units().stream().filter(u -> u.prompt() % 3 == own).toList(),
                        u -> {},
                        () -> false);
            }
        }
        var merged = temp.resolve("merged");
        try (var whole = BenchFolder.copyOf(temp.resolve("shard0"), merged)) {
            for (int shard = 0; shard < 3; shard++) {
                assertThrows(TillerException.class, () -> new BenchReport(whole), "incomplete");
                try (var part = BenchFolder.open(temp.resolve("shard" + shard))) {
                    whole.take(part);
                }
            }
            new BenchReport(whole).write();
        }
        assertEquals(expected, bytes(merged));
    }

    @Test
    void anotherPlanOrProcessIsRefused() throws IOException {
        var whole = temp.resolve("whole");
        var other = ((ObjectNode) bench.planJson()).put("images", 3);
        var e = assertThrows(TillerException.class, () -> BenchFolder.open(whole, other));
        assertTrue(e.getMessage().contains("images: 2 → 3") && e.getMessage().contains("--reuse"), e.getMessage());
        try (var held = BenchFolder.open(whole)) {
            var busy = assertThrows(TillerException.class, () -> BenchFolder.open(whole, bench.planJson()));
            assertTrue(busy.getMessage().contains("at work in the folder"), busy.getMessage());
            assertEquals(whole, held.path());
            try (var seen = BenchFolder.reading(whole)) {
                assertEquals(plan.units().size(), seen.units().size());
            }
            assertTrue(Files.exists(whole.resolve(".lock")), "who only reads unlocks nothing");
        }
        Files.createDirectories(temp.resolve("foreign"));
        Files.writeString(temp.resolve("foreign/mine.txt"), "x");
        assertThrows(TillerException.class, () -> BenchFolder.open(temp.resolve("foreign"), bench.planJson()));
        assertFalse(Files.exists(temp.resolve("foreign/plan.json")));
    }

    @Test
    void picturesOfAnotherPlanAreReusedWhereTheyAreTheSame() throws IOException {
        var fewer = plan(List.of("base", "bon"), List.of("verifier"));
        var others = plan(List.of("base", "bon"), List.of());
        try (var whole = BenchFolder.open(temp.resolve("whole"))) {
            try (var its = load(fewer);
                    var folder = BenchFolder.open(temp.resolve("fewer"), its.planJson())) {
                var recipes = fewer.units().stream().map(its::recipe).toList();
                assertEquals(12, folder.reuse(whole, recipes));
                assertEquals(0, folder.reuse(whole, recipes));
                assertTrue(its.run(folder, fewer.units(), unit -> fail(unit.cell() + " was made"), () -> false));
                new BenchReport(folder).write();
                for (var unit : folder.units()) {
                    assertEquals(
                            unit.toJson(),
                            whole.find(unit.recipe()).orElseThrow().toJson());
                }
            }
            // Judged by somebody else.
            try (var its = load(others);
                    var folder = BenchFolder.open(temp.resolve("others"), its.planJson())) {
                var recipes = others.units().stream().map(its::recipe).toList();
                assertEquals(0, folder.reuse(whole, recipes));
            }
        }
    }

    /** Units cut short, pictures lost or damaged: the same command makes those again and no others. */
    @Test
    void whatWasLostIsMadeAgain() throws IOException {
        var mended = temp.resolve("mended");
        try (var folder = BenchFolder.copyOf(temp.resolve("whole"), mended);
                var whole = BenchFolder.open(temp.resolve("whole"))) {
            folder.take(whole);
        }
        var units = files(mended.resolve("units"));
        Files.writeString(units.get(0), Files.readString(units.get(0)).substring(0, 50));
        var pictures = files(mended.resolve("pictures"));
        Files.delete(pictures.get(0));
        Files.write(pictures.get(1), new byte[10]);
        try (var folder = BenchFolder.open(mended)) {
            var e = assertThrows(TillerException.class, () -> new BenchReport(folder).write());
            assertTrue(e.getMessage().endsWith("run the benchmark again, which makes it anew."), e.getMessage());
        }
        int[] made = {0};
        try (var folder = BenchFolder.open(mended, bench.planJson())) {
            assertTrue(bench.run(folder, plan.units(), unit -> made[0]++, () -> false));
            new BenchReport(folder).write();
        }
        assertTrue(made[0] >= 2 && made[0] < plan.units().size(), made[0] + " made");
        assertEquals(expected, bytes(mended));
        Files.writeString(mended.resolve("plan.json"), "");
        var e = assertThrows(TillerException.class, () -> BenchFolder.open(mended, bench.planJson()));
        assertTrue(e.getMessage().contains("plan.json is damaged"), e.getMessage());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** Else each prompt would load it anew. */
    @Test
    void whatANoiseAwareRewardSharesStaysLoaded() throws IOException {
        int before = Tensor.alive();
        int without;
        try (var its = load(plan(List.of("flow-nrg"), List.of()))) {
            without = Tensor.alive();
        }
        var noisy = plan(List.of("flow-nrg(noise-aware=noisyclip)"), List.of());
        try (var its = load(noisy)) {
            int with = Tensor.alive();
            assertTrue(with > without, with + " tensors, " + without + " without");
            its.probe(noisy.units().get(0));
            assertTrue(with <= Tensor.alive());
        }
        assertEquals(before, Tensor.alive());
    }

    /** Before anything is made. */
    @Test
    void aCellThatSpendsTooMuchOrCannotBeginFailsLoudly() {
        var e = assertThrows(TillerException.class, () -> plan(List.of("bon(particles=3)"), List.of()));
        assertTrue(
                e.getMessage().contains("may spend 16 network evaluations")
                        && e.getMessage().contains("takes 24"),
                e.getMessage());
        for (var cannot : List.of("reno(reward=verifier)", "fk(eta=0)")) {
            assertThrows(TillerException.class, () -> load(plan(List.of("base", cannot), List.of())), cannot);
        }
    }

    /** Beside methods that keep the checkpoint's own scheduler one that cannot would not be comparable. */
    @Test
    void whereTheSchedulerDrawsNoNoiseOneIsChosenForAll() throws IOException {
        var source = ModelLocator.ofEnvironment(Map.of()).locate("scenes");
        var euler = temp.resolve("euler");
        try (var files = Files.walk(source)) {
            for (var file : files.toList()) {
                Files.copy(file, euler.resolve(source.relativize(file).toString()));
            }
        }
        var index = euler.resolve("model_index.json");
        Files.writeString(index, Files.readString(index).replace("\"DDIMScheduler\"", "\"EulerDiscreteScheduler\""));
        var options = new HashMap<String, Object>(Map.of("steps", 4, "model", euler.toString()));
        var both = plan(List.of("base", "fk"), List.of(), options);
        var e = assertThrows(TillerException.class, () -> load(both));
        assertTrue(e.getMessage().contains("--scheduler ddim"), e.getMessage());
        load(plan(List.of("base", "bon"), List.of(), options)).close();
        options.put("scheduler", "ddim");
        load(plan(List.of("base", "fk"), List.of(), options)).close();
    }

    /** What a plan says that a picture costs is what is counted; nothing is left over but parts of particles. */
    @Test
    void everyMethodSpendsWhatThePlanSays() throws IOException {
        var methods =
                new ArrayList<>(List.of("base", "search(candidates=2)", "freedom(recurrence=3)", "fk(guidance=1)"));
        Methods.all().stream()
                .map(Method::name)
                .filter(name -> !name.equals("base"))
                .forEach(methods::add);
        methods.remove("reno");
        methods.add("reno(reward=clip)");
        var all = plan(methods, List.of());
        try (var its = load(all)) {
            for (var cell : all.cells()) {
                long spent = its.probe(new BenchPlan.Unit(cell, 0, 0)).cost().networkEvaluations();
                if (cell.method().equals("svdd")) {
                    // A family is one particle until it first branches.
                    assertTrue(spent <= its.evaluations(cell), cell.name() + " " + spent);
                } else {
                    assertEquals(its.evaluations(cell), spent, cell.name());
                }
                assertTrue(spent <= 8L * cell.budget() && spent >= 8L * cell.budget() - 8, cell.name() + " " + spent);
            }
        }
    }

    /** Of another model the plain picture and best-of-n are made too, and it is compared with those. */
    @Test
    void aMethodOnItsOwnModelIsComparedThere() throws IOException {
        var two = plan(List.of("base", "bon", "reno"), List.of());
        assertEquals(
                List.of(
                        "base",
                        "bon k=2",
                        "reno k=2",
                        "base(model=scenes-turbo,steps=1,guidance=1,eta=0)",
                        "bon(model=scenes-turbo,steps=1,guidance=1,eta=0) k=2"),
                two.cells().stream().map(Cell::name).toList());
        try (var its = load(two);
                var folder = BenchFolder.open(temp.resolve("two"), its.planJson())) {
            assertEquals(
                    List.of(8L, 16L, 16L, 1L, 16L),
                    two.cells().stream().map(its::evaluations).toList());
            assertTrue(its.run(folder, two.units(), unit -> {}, () -> false));
            var report = new BenchReport(folder);
            report.write();
            var results = Results.of(folder.plan(), folder.units());
            var cells = results.plan().cells();
            assertEquals(cells.get(3), results.base(cells.get(2)));
            assertEquals(cells.get(4), results.bestOfN(cells.get(2)));
            assertEquals(cells.get(0), results.base(cells.get(1)));
            assertTrue(report.markdown().contains("| reno k=2 | scenes-turbo | 16 |"), report.markdown());
            assertTrue(Files.readString(temp.resolve("two/report.html")).contains("on the cell's own model"));
            assertTrue(Files.readString(temp.resolve("two/seconds.md")).contains("encoding and writing took"));
        }
    }

    @Test
    void anothersDetectionsJudgeTheExportedPictures() throws IOException {
        var judged = temp.resolve("judged");
        try (var folder = BenchFolder.copyOf(temp.resolve("whole"), judged)) {
            try (var whole = BenchFolder.open(temp.resolve("whole"))) {
                folder.take(whole);
            }
            for (var cell : plan.cells()) {
                var lines = new ArrayList<String>();
                for (int p = 0; p < 3; p++) {
                    for (int i = 0; i < 2; i++) {
                        lines.add(
                                "{\"prompt_index\": %d, \"image\": \"%04d.png\", \"detections\": []}".formatted(p, i));
                    }
                }
                Files.createDirectories(judged.resolve("geneval/" + plan.fileName(cell)));
                Files.write(judged.resolve("geneval/" + plan.fileName(cell) + "/detections.jsonl"), lines);
            }
            assertTrue(new BenchReport(folder).json().contains("\"any_of\" : 0.0"));
            Files.delete(judged.resolve("geneval/base/detections.jsonl"));
            assertThrows(TillerException.class, () -> new BenchReport(folder));
        }
    }

    /** The prompt is longer than CLIP reads. */
    @Test
    void remarksAreInTheReport() throws IOException {
        var prompts = temp.resolve("long.txt");
        Files.writeString(prompts, "a photo of a star\na photo of a moon" + " and a star".repeat(30) + "\n");
        var long2 = new BenchSettings(
                        prompts.toString(),
                        List.of("base"),
                        List.of(1),
                        1,
                        7L,
                        List.of("clip"),
                        null,
                        null,
                        Map.of("steps", 2))
                .plan();
        try (var its = load(long2);
                var folder = BenchFolder.open(temp.resolve("long"), its.planJson())) {
            var heard = new ArrayList<String>();
            assertTrue(its.run(folder, long2.units(), unit -> heard.addAll(unit.remarks()), () -> false));
            assertTrue(
                    heard.stream().anyMatch(r -> r.contains("is longer than the reward's model reads")),
                    heard.toString());
            var report = new BenchReport(folder);
            report.write();
            assertTrue(report.markdown().contains(" do not count. (prompt 1)\n"), report.markdown());
            assertTrue(report.json().contains("\"prompts\" : [ 1 ]"), report.json());
            assertTrue(Files.readString(temp.resolve("long/report.html")).contains("<h2>Remarks</h2>"));
        }
    }

    /** A unit is the same after others of its prompt and alone. */
    @Test
    void rewardsForgetWhatAnotherUnitHasSeen() throws IOException {
        var online = plan(List.of("bon", "fk(reward=standardised(of=\"clip; aesthetic\"))"), List.of());
        var last = online.units().get(online.units().size() - 1);
        var after = new ArrayList<UnitRecord>();
        var alone = new ArrayList<UnitRecord>();
        var ofPrompt =
                online.units().stream().filter(u -> u.prompt() == last.prompt()).toList();
        try (var its = load(online)) {
            assertTrue(its.make(ofPrompt, (unit, png) -> after.add(unit), () -> false));
            assertTrue(its.make(List.of(last), (unit, png) -> alone.add(unit), () -> false));
        }
        var unit = after.get(after.size() - 1);
        assertEquals(alone.get(0).reward(), unit.reward());
        assertEquals(alone.get(0).picture(), unit.picture());
        assertTrue(
                unit.remarks().toString().contains("not of one scale"),
                unit.remarks().toString());
        assertEquals(List.of(), after.get(0).remarks());
        var e = assertThrows(
                TillerException.class,
                () -> load(plan(List.of("bon"), List.of("standardised(of=\"clip; aesthetic\")"))));
        assertTrue(e.getMessage().contains("needs a scale of its own"), e.getMessage());
        load(plan(List.of("bon"), List.of("standardised(of=\"clip; aesthetic\", scale=\"5:1; 5:1\")")))
                .close();
    }

    /** A judge that is paid one call and ten tokens for each picture. */
    private static final class Paid implements RewardProvider<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("paid", "likes all alike", "0", false, false);
        }

        @Override
        public Class<Images> looksAt() {
            return Images.class;
        }

        @Override
        public Reward<Images> create(RewardRequest request) {
            return new Reward<>() {
                private int calls;

                @Override
                public RewardInfo info() {
                    return Paid.this.info();
                }

                @Override
                public double[] score(Images images) {
                    calls += images.size();
                    return new double[images.size()];
                }

                @Override
                public Cost cost() {
                    return new Cost(0, 0, 0, 0, calls, 10L * calls);
                }
            };
        }
    }

    /** For those that were chosen among, for the answer, and by who looks at it only; not in what is equal to the byte. */
    @Test
    void whatJudgesArePaidStandsBesideTheSeconds() throws IOException {
        var paid = new BenchSettings(
                        temp.resolve("suite.jsonl").toString(),
                        List.of("base", "bon"),
                        List.of(2),
                        1,
                        7L,
                        List.of("paid"),
                        null,
                        null,
                        Map.of("steps", 2, "reward", "paid"))
                .plan();
        try (var its = Bench.load(
                        paid, ModelLocator.ofEnvironment(Map.of()), new RewardCatalogue<>(List.of(new Paid())));
                var folder = BenchFolder.open(temp.resolve("paid"), its.planJson())) {
            assertTrue(its.run(folder, paid.units(), unit -> {}, () -> false));
            new BenchReport(folder).write();
        }
        var seconds = Files.readString(temp.resolve("paid/seconds.md"));
        assertTrue(seconds.contains(" judge calls | judge tokens |\n"), seconds);
        assertTrue(seconds.matches("(?s).*\\| base [^\n]*\\| 3\\.0 \\| 30 \\|\n.*"), seconds);
        assertTrue(seconds.matches("(?s).*\\| bon k=2 [^\n]*\\| 4\\.0 \\| 40 \\|\n.*"), seconds);
        assertFalse(Files.readString(temp.resolve("whole/seconds.md")).contains("judge"));
    }

    /** An ascent that ends by its gradient. */
    @Test
    void whatGoesWrongInARunStandsInTheReport() throws IOException {
        var diverging = "reno(iterations=3,learning-rate=1e30,clip-norm=0,prior=none)";
        var plan = new BenchSettings(
                        temp.resolve("suite.jsonl").toString(),
                        List.of(diverging),
                        List.of(2),
                        1,
                        7L,
                        List.of(),
                        null,
                        null,
                        Map.of("steps", 4))
                .plan();
        try (var its = load(plan);
                var folder = BenchFolder.open(temp.resolve("diverging"), its.planJson())) {
            assertTrue(its.run(folder, plan.units().subList(0, 1), unit -> {}, () -> false));
            var remarks = folder.units().get(0).remarks();
            assertEquals(1, remarks.size(), remarks.toString());
            assertTrue(
                    remarks.get(0).startsWith(diverging + " k=2: ")
                            && remarks.get(0).contains("this ascent ends at its best, iteration 0"),
                    remarks.toString());
        }
    }

    private static BenchPlan photographs(String detector, String... lines) throws IOException {
        var file = Files.write(temp.resolve("photographs.jsonl"), List.of(lines));
        return new BenchSettings(
                        file.toString(),
                        List.of("base"),
                        List.of(1),
                        1,
                        7L,
                        List.of(),
                        detector,
                        null,
                        Map.of("steps", 2))
                .plan();
    }

    private static final String DETR = "../steering-core/src/test/resources/golden/models/detr_timm";
    private static final String DOG = "{\"tag\": \"colors\", \"prompt\": \"a photo of a red dog\","
            + " \"include\": [{\"class\": \"dog\", \"count\": 1, \"color\": \"red\"}]}";
    private static final String MOUSE = "{\"tag\": \"single_object\", \"prompt\": \"a photo of a computer mouse\","
            + " \"include\": [{\"class\": \"computer mouse\", \"count\": 1}]}";

    /** A DETR of random weights, but one. */
    @Test
    void aDetectorOfPhotographsJudges() throws IOException {
        var detector = "detr(path=" + DETR + ", colors=scenes-clip)";
        var photographs = photographs(detector, DOG, MOUSE);
        try (var its = load(photographs);
                var folder = BenchFolder.open(temp.resolve("photographs"), its.planJson());
                var own = Detectors.load(photographs, ModelLocator.ofEnvironment(Map.of()))
                        .orElseThrow()) {
            assertTrue(its.run(folder, photographs.units(), unit -> {}, () -> false));
            assertEquals(photographs.detector(), folder.plan().detector());
            assertEquals(6, folder.planJson().path("detector").path("files").size());
            for (var unit : folder.units()) {
                var asked = photographs.suite().prompts().get(unit.prompt());
                var found = own.find(Png.decode(folder.picture(unit)), asked);
                assertTrue(found.stream().allMatch(d -> d.score() > 0.3));
                var verdict = Objects.requireNonNull(asked.rules()).judge(found);
                assertEquals(verdict.correct(), unit.correct());
                assertEquals(verdict.reason(), unit.reason());
            }
            new BenchReport(folder).write();
            var html = Files.readString(temp.resolve("photographs/report.html"));
            assertTrue(html.contains("DETR") && html.contains("Mask2Former") && html.contains("gives no masks"), html);
        }
    }

    /** It sees one mouse where there is much red. */
    @Test
    void aDetectorInTorchScriptJudges() throws IOException {
        var labels = Files.writeString(temp.resolve("labels.txt"), "__background__\nmouse\n");
        var detector =
                "torchscript(path=../potentials/src/test/resources/golden/torchscript/list.pt, labels=" + labels + ")";
        var photographs = photographs(detector, MOUSE);
        var red = new byte[3 * 64 * 64];
        for (int i = 0; i < red.length; i += 3) {
            red[i] = (byte) 255;
        }
        try (var its = load(photographs);
                var folder = BenchFolder.open(temp.resolve("scripted"), its.planJson());
                var own = Detectors.load(photographs, ModelLocator.ofEnvironment(Map.of()))
                        .orElseThrow()) {
            assertTrue(its.run(folder, photographs.units(), unit -> {}, () -> false));
            var files = folder.planJson().path("detector").path("files");
            assertEquals("torchscript/list.pt", files.path(0).path("name").asText());
            assertEquals(
                    RunFolder.sha256(Files.readAllBytes(labels)),
                    files.path(1).path("sha256").asText());
            for (var asked : photographs.suite().prompts()) {
                var rules = Objects.requireNonNull(asked.rules());
                var verdict = rules.judge(own.find(new Picture(64, 64, red), asked));
                assertTrue(verdict.correct(), verdict.reason());
                assertFalse(rules.judge(own.find(new Picture(64, 64, new byte[red.length]), asked))
                        .correct());
            }
            new BenchReport(folder).write();
            var html = Files.readString(temp.resolve("scripted/report.html"));
            assertTrue(html.contains("TorchScript") && html.contains("not with published"), html);
        }
        for (var wrong : List.of(
                "torchscript(path=x)",
                "torchscript(path=x, labels=y, size=big)",
                "torchscript(path=x, labels=y, pixels=blue)",
                "torchscript(path=x, labels=y, width=3)")) {
            assertThrows(TillerException.class, () -> photographs(wrong, MOUSE), wrong);
        }
        var nowhere = photographs("torchscript(path=nowhere.pt, labels=" + labels + ")", MOUSE);
        var e = assertThrows(TillerException.class, () -> load(nowhere));
        assertTrue(e.getMessage().contains("nowhere.pt"), e.getMessage());
    }

    /** A red frame around blue: its box is rather blue, and what its mask leaves of it is red. */
    @Test
    void masksTellColoursApart() throws IOException {
        var labels = Files.writeString(temp.resolve("mouse.txt"), "__background__\nmouse\n");
        var red = MOUSE.replace("single_object", "colors").replace("\"count\": 1", "\"count\": 1, \"color\": \"red\"");
        var frame = new byte[3 * 64 * 64];
        for (int i = 0; i < 64 * 64; i++) {
            boolean inside = Math.min(i % 64, i / 64) >= 8 && Math.max(i % 64, i / 64) < 56;
            frame[3 * i + (inside ? 2 : 0)] = (byte) 255;
        }
        for (boolean masks : new boolean[] {false, true}) {
            var file = masks ? "masks.pt" : "tuple.pt";
            var detector = "torchscript(path=../potentials/src/test/resources/golden/torchscript/" + file + ", labels="
                    + labels + ", masks=" + masks + ", colors=scenes-clip)";
            var plan = photographs(detector, red);
            try (var own =
                    Detectors.load(plan, ModelLocator.ofEnvironment(Map.of())).orElseThrow()) {
                var found = own.find(
                        new Picture(64, 64, frame), plan.suite().prompts().get(0));
                assertEquals(masks ? "red" : "blue", found.get(0).colour());
                assertEquals(masks, own.remark().contains("made grey as GenEval does"), own.remark());
            }
        }
        assertThrows(TillerException.class, () -> photographs("torchscript(path=x, labels=y, masks=yes)", MOUSE));
    }

    @Test
    void aDetectorThatCannotJudgeIsRefused() throws IOException {
        var colourless = photographs("detr(path=" + DETR + ")", DOG);
        var e = assertThrows(TillerException.class, () -> load(colourless));
        assertTrue(e.getMessage().contains("colors="), e.getMessage());
        var strange = photographs("detr(path=" + DETR + ")", MOUSE.replace("computer mouse", "giraffe"));
        e = assertThrows(TillerException.class, () -> load(strange));
        assertTrue(e.getMessage().contains("giraffe"), e.getMessage());
        for (var wrong : List.of("yolo(path=x)", "detr", "detr(path=x, masks=y)", "0.5*detr(path=x)", "detr(")) {
            assertThrows(TillerException.class, () -> photographs(wrong, MOUSE), wrong);
        }
        assertThrows(
                TillerException.class, () -> photographs("detr(path=x)", "{\"prompt\": \"a dream\", \"tag\": \"x\"}"));
    }

    @Test
    void twoBenchmarksAreComparedCellByCell() {
        try (var a = BenchFolder.open(temp.resolve("whole"))) {
            // Of three prompts, one in each category, other prompts might differ a lot.
            assertTrue(BenchComparison.of(a, a).markdown().contains("| 0.000 [-0.708, 0.708] | 1.000 |"));
        }
    }

    @Test
    void settingsComeFromFilesToo() throws IOException {
        var yaml = Files.writeString(
                temp.resolve("bench.yaml"),
                "suite: scenes\nmethods: [base, \"fk(lambda=10)\"]\nparticles: [2, 4]\nimages: 1\nfirst: 1\noptions: {steps: 20}\n");
        var read = BenchSettings.read(yaml).plan();
        assertEquals(
                List.of("base", "fk(lambda=10) k=2", "fk(lambda=10) k=4"),
                read.cells().stream().map(Cell::name).toList());
        assertEquals(18, read.units().size());
        assertEquals(
                read.toJson(manifest(), List.of()),
                BenchPlan.ofJson(read.toJson(manifest(), List.of()), "it").toJson(manifest(), List.of()));
        var wrong = Files.writeString(temp.resolve("wrong.yaml"), "suites: scenes\n");
        assertThrows(TillerException.class, () -> BenchSettings.read(wrong));
        for (var method : List.of(
                "nothing",
                "fk(lambda)",
                "fk(lambda=x)",
                "fk(wings=2)",
                "base,base",
                "fk(prompt=x)",
                "fk(threads=1)",
                "fk(particles=3)")) {
            assertThrows(
                    TillerException.class,
                    () -> Cells.of(List.of(method.split(",", -1)), List.of(2), Map.of()),
                    method);
        }
    }

    private static RunManifest manifest() {
        return new RunManifest("", 0, Map.of(), List.of(), Map.of(), "cpu");
    }
}
