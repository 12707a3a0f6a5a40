// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.quick;
import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.method.Methods;
import dev.tiller.method.RunPlan;
import dev.tiller.record.EventLog;
import dev.tiller.record.GenerationParameters;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.RunReport;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class MainTest {
    @TempDir
    Path temp;

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(0, Tensor.alive());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasExamples(CommandSpec command) {
        var help = command.commandLine().getUsageMessage();
        assertTrue(help.contains("Examples:") && help.contains(command.qualifiedName() + " "), help);
        var above = command.parent().commandLine().getUsageMessage();
        assertTrue(above.contains("  " + command.name()), above);
    }

    /** A shell's completion knows the values of an option by its label. */
    @ParameterizedTest
    @MethodSource("commands")
    void optionsWithDifferentChoicesHaveDifferentLabels(CommandSpec command) {
        var choices = new HashMap<String, List<String>>();
        for (var option : command.options()) {
            var own = new ArrayList<String>();
            if (option.completionCandidates() != null) {
                option.completionCandidates().forEach(own::add);
            }
            var others = choices.putIfAbsent(option.paramLabel(), own);
            assertTrue(others == null || others.equals(own), option.longestName());
        }
    }

    static List<CommandSpec> commands() {
        var commands = new ArrayList<CommandSpec>();
        add(Main.commandLine(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())), commands);
        return commands;
    }

    private static void add(CommandLine command, List<CommandSpec> to) {
        command.getSubcommands().values().forEach(sub -> {
            to.add(sub.getCommandSpec());
            add(sub, to);
        });
    }

    @Test
    void theHelpOfRunSaysWhatEachMethodDoes() {
        var help = tiller("run", "--help").succeeds().out();
        for (var method : Methods.all()) {
            assertTrue(help.contains("\n  " + method.name() + " "), method.name());
        }
    }

    @Test
    void aRunWritesAllThatItPromises() throws IOException {
        var out = temp.resolve("runs/first");
        var told = quick("a photo of a red circle", "--unsteered", "1", "--seed", "7", "--out", out, "--json")
                .succeeds();
        JsonNode json = JsonMapper.builder().build().readTree(told.out());
        assertTrue(json.get("completed").asBoolean());
        assertEquals(2, json.get("pictures").size());
        assertTrue(json.at("/pictures/0/reward").asDouble()
                >= json.at("/pictures/1/reward").asDouble());
        // Two particles, four steps, two rows each for guidance.
        assertEquals(16, json.at("/cost/network_evaluations").asInt());
        for (var name :
                List.of("0001.png", "0002.png", "contact-sheet.png", "events.jsonl", "manifest.json", "report.html")) {
            assertTrue(Files.size(out.resolve(name)) > 0, name);
        }
        assertFalse(Files.exists(out.resolve("state.safetensors")));
        var png = Files.readAllBytes(out.resolve("0001.png"));
        assertEquals(
                "a photo of a red circle", Recipe.in(png).orElseThrow().run().prompt());
        var parameters = GenerationParameters.parse(Png.texts(png).get(GenerationParameters.KEYWORD));
        assertEquals("a photo of a red circle", parameters.prompt());
        assertEquals("7", parameters.settings().get("Seed"));
        assertEquals("64x64", parameters.settings().get("Size"));
        var replayed = new RunHistory();
        EventLog.replay(out.resolve("events.jsonl"), replayed);
        var page = RunReport.html(new RunReport.Shown(replayed, RunFolder.open(out)::picture), null, null, List.of());
        assertTrue(page.contains("a photo of a red circle"));
        assertTrue(Files.readString(out.resolve("report.html")).contains("Unsteered"));

        assertTrue(tiller("score", out.toString(), "--reward", "redness")
                .succeeds()
                .out()
                .contains("mean of 2"));
        var score = JsonMapper.builder()
                .build()
                .readTree(tiller("score", out.resolve("0001.png").toString(), "--reward", "2*redness", "--json")
                        .succeeds()
                        .out());
        assertEquals(
                2 * json.at("/pictures/0/reward").asDouble(), score.at("/score").asDouble(), 1e-9);
    }

    @Test
    void theManifestRepeatsARunToTheByte() throws IOException {
        var first = temp.resolve("first");
        var again = temp.resolve("again");
        quick("naïve 雪 \uD83D\uDC31 circle", "--out", first, "--baseline").succeeds();
        tiller("run", "--manifest", first.resolve("manifest.json").toString(), "--out", again.toString())
                .succeeds();
        assertEquals(bytesOf(first), bytesOf(again));
        var other = temp.resolve("other");
        quick("naïve 雪 \uD83D\uDC31 circle", "--out", other, "--baseline", "--seed", "1")
                .succeeds();
        assertFalse(bytesOf(first).equals(bytesOf(other)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "bon", "svdd --children 2 --resample-from 2 --resample-every 2"})
    void theOtherMethodsRun(String method) {
        var options = new ArrayList<Object>(List.of("--out", temp.resolve("run"), "--method"));
        options.addAll(List.of(method.split(" ", -1)));
        quick("a red circle", options.toArray()).succeeds();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reno --model scenes --steps 2 --iterations 3 --learning-rate 1 --guidance 3",
                "dno --steps 2 --iterations 3 --particles 1",
                "search --steps 2 --iterations 3 --candidates 2"
            })
    void noiseIsOptimisedAndTheBestIterateIsTheAnswer(String method) throws IOException {
        var out = temp.resolve("run");
        var args = new ArrayList<>(List.of("run", "a red circle", "--particles", "2", "--unsteered", "0", "--method"));
        args.addAll(List.of(method.split(" ", -1)));
        args.addAll(List.of("--hold-out", "redness", "--preview-every", "1", "--json", "--out", out.toString()));
        var told = tiller(args.toArray(String[]::new)).succeeds();
        JsonNode json = JsonMapper.builder().build().readTree(told.out());
        var replayed = new RunHistory();
        EventLog.replay(out.resolve("events.jsonl"), replayed);
        assertEquals(3, replayed.steps());
        double best = replayed.columns().stream()
                .flatMapToDouble(c -> java.util.Arrays.stream(c.rewards()))
                .max()
                .orElseThrow();
        assertEquals(best, json.at("/pictures/0/reward").asDouble(), 1e-12);
        // The final picture is the one that had this reward, as clip sees it again.
        var score = JsonMapper.builder()
                .build()
                .readTree(tiller("score", out.resolve("0001.png").toString(), "--reward", "clip", "--json")
                        .succeeds()
                        .out());
        assertEquals(best, score.at("/score").asDouble(), 1e-3);
        assertEquals(3, replayed.heldOut().get(0).points().size());
        assertTrue(Files.readString(out.resolve("report.html")).contains("Held out: redness"));
    }

    /** Not in the report alone. */
    @Test
    void anAscentThatDivergesSaysSo() {
        var told = tiller(
                        "run",
                        "a photo of a star",
                        "--method",
                        "reno",
                        "--iterations",
                        "3",
                        "--particles",
                        "1",
                        "--unsteered",
                        "0",
                        "--learning-rate",
                        "1e30",
                        "--clip-norm",
                        "0",
                        "--prior",
                        "none",
                        "--out",
                        temp.resolve("diverged").toString())
                .succeeds();
        assertEquals(
                "Note: Particle 1: The gradient is not finite: this ascent ends at its best, iteration 0.",
                told.err().strip());
    }

    @Test
    void aMethodThatNeedsAGradientSaysSo() {
        quick("a red circle", "--method", "reno", "--model", "scenes", "--out", temp.resolve("run"))
                .fails(1, "redness", "no gradient", "search");
    }

    /** It would value them, and say nothing. */
    @Test
    void theEmbeddedJudgeOfAnotherModelsPicturesIsRemarked() {
        var scenes = ModelLocator.ofEnvironment(Map.of()).locate("scenes").toString();
        for (var model : List.of(scenes, "scenes")) {
            var out =
                    temp.resolve(model.equals("scenes") ? "embedded" : "folder").toString();
            var told = tiller(
                            "run",
                            "a star",
                            "--method",
                            "base",
                            "--steps",
                            "1",
                            "--particles",
                            "1",
                            "--unsteered",
                            "0",
                            "--model",
                            model,
                            "--out",
                            out)
                    .succeeds();
            assertEquals(
                    !model.equals("scenes"), told.err().contains("the embedded scenes-clip, which knows"), told.err());
        }
    }

    @Test
    void forceReplacesARunAndNothingElse() throws IOException {
        var out = temp.resolve("run");
        quick("a red circle", "--out", out).succeeds();
        Files.writeString(out.resolve("mine.txt"), "mine");
        quick("a red circle", "--out", out).fails(1, "is not empty", "--force");
        quick("a blue circle", "--out", out, "--force").succeeds();
        assertEquals("mine", Files.readString(out.resolve("mine.txt")));
        assertEquals(
                "a blue circle",
                Recipe.in(Files.readAllBytes(out.resolve("0001.png")))
                        .orElseThrow()
                        .run()
                        .prompt());
        tiller("run", "--resume", out.toString()).fails(1, "is complete");
    }

    @Test
    void modelsAndCompletionAndDoctorSpeak() throws IOException {
        assertTrue(tiller("models").succeeds().out().contains("scenes"));
        var completion = tiller("completion").succeeds().out();
        assertTrue(completion.contains("--ess-threshold"));
        assertTrue(completion.contains("METHOD_option_args=(\"base\" \"bon\""));
        var doctor = JsonMapper.builder()
                .build()
                .readTree(tiller("doctor", "--json").succeeds().out());
        assertTrue(doctor.at("/speed/matmul_gflops").asDouble() > 0);
        assertTrue(doctor.at("/devices/0").asText().equals("cpu"));
    }

    /** Every file of a folder but the one with clock times. */
    /** Rewards that go by what they have seen have seen the steered pictures, also where the process then died. */
    @Test
    void thePlainPicturesAreValuedAfterTheSteeredOnesInAnyProcess() throws IOException {
        var plan = RunPlan.of(Map.of(
                "prompt", "a red circle",
                "reward", "standardised(of=redness)",
                "steps", "4",
                "particles", "2",
                "unsteered", "2"));
        var whole = temp.resolve("whole");
        var killed = temp.resolve("killed");
        make(plan, whole, (what, report) -> {});
        assertThrows(
                IllegalStateException.class,
                () -> make(plan, killed, (what, report) -> {
                    if (what.equals("comparing")) {
                        throw new IllegalStateException("killed");
                    }
                }));
        tiller("run", "--resume", killed.toString()).succeeds();
        assertEquals(bytesOf(whole), bytesOf(killed));
    }

    private static void make(RunPlan plan, Path folder, SteerSession.Progress progress) {
        try (var session = SteerSession.open(plan, TillerCommand.models(), RewardCatalogue.load(Images.class))) {
            session.run(RunFolder.create(folder), progress, Control.until(() -> false), List.of());
        }
    }

    static Map<String, String> bytesOf(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (var walk = Files.walk(folder)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("timing.json")) {
                    files.put(folder.relativize(file).toString(), RunFolder.sha256(Files.readAllBytes(file)));
                }
            }
        }
        return files;
    }
}
