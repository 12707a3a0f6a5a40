// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.method.RunPlan;
import dev.tiller.record.ManifestFile;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a run before it starts is what it then counts. */
class RunOutlookTest {
    private static final MemoryNeed MEMORY = new MemoryNeed(TillerCommand.models(), RewardCatalogue.load(Images.class));

    @TempDir
    Path temp;

    private RunOutlook of(String... options) {
        var all = new HashMap<String, Object>(Map.of("prompt", "a red circle", "reward", "redness"));
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        return RunOutlook.of(RunPlan.of(all), PastSpeed.in(temp), MEMORY);
    }

    @Test
    void itCountsWhatTheRunThenPays() throws IOException {
        Told.quick("a red circle", "--out", temp.resolve("run")).succeeds();
        var cost = ManifestFile.read(temp.resolve("run/manifest.json")).cost();
        var said = of("steps", "4", "particles", "2", "unsteered", "0");
        assertEquals(cost.networkEvaluations(), said.evaluations());
        assertTrue(said.seconds().getAsDouble() > 0, "there is a run to go by");
        assertEquals(
                Double.parseDouble(Files.readString(temp.resolve("run/timing.json"))
                        .replaceAll("(?s).*\"steering\" : ([0-9.eE-]+).*", "$1")),
                said.seconds().getAsDouble(),
                1e-6);
        // Half of the network where nothing is guided away from; the plain pictures beside it.
        assertEquals(
                8,
                of("steps", "4", "particles", "2", "unsteered", "0", "guidance", "1")
                        .evaluations());
        assertEquals(
                16 + 8, of("steps", "4", "particles", "2", "unsteered", "1").evaluations());
        assertEquals(32, of("steps", "4", "particles", "2", "baseline", "true").evaluations());
    }

    @Test
    void anAscentIsCountedWithItsIterations() throws IOException {
        var out = temp.resolve("run");
        Map<String, String> options = Map.of(
                "method", "reno",
                "model", "scenes",
                "reward", "clip",
                "steps", "2",
                "iterations", "3",
                "learning-rate", "1",
                "particles", "2",
                "unsteered", "0");
        var args = new ArrayList<>(List.of("run", "a red circle", "--out", out.toString()));
        options.forEach((name, value) -> args.addAll(List.of("--" + name, value)));
        Told.tiller(args.toArray(String[]::new)).succeeds();
        var said = of(options.entrySet().stream()
                .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
                .toArray(String[]::new));
        assertEquals(ManifestFile.read(out.resolve("manifest.json")).cost().networkEvaluations(), said.evaluations());
        assertTrue(said.gradients());
        assertTrue(said.words().contains("with gradients"), said.words());
    }

    /** By the arithmetic of each method: a search makes its first noises alone, recurrence makes steps again. */
    @Test
    void searchesAndRecurrenceAreCounted() {
        assertEquals(
                2 * 2 * (1 + 5 * 4) * 20,
                of("method", "search", "unsteered", "0").evaluations());
        // Steps 2 to 4 of ten are made three times.
        assertEquals(
                2 * (10 + 3 * 2),
                of(
                                "method",
                                "freedom",
                                "reward",
                                "clip",
                                "steps",
                                "10",
                                "recurrence",
                                "3",
                                "particles",
                                "1",
                                "unsteered",
                                "0")
                        .evaluations());
        assertEquals(
                2 * 3 * 2,
                of("steps", "10", "particles", "3", "unsteered", "0", "branch-from", "x", "branch-step", "9")
                        .evaluations());
    }

    /** A run that went on in another process is as fast as what it made there, and one that was complete says nothing. */
    @Test
    void runsThatWentOnElsewhereAreMeasuredByWhatTheyMadeThere() throws IOException {
        var plan = RunPlan.of(Map.of("prompt", "a red circle", "steps", "10", "particles", "2", "unsteered", "0"));
        for (int evaluations : new int[] {10, 0}) {
            var run = Files.createDirectories(temp.resolve("run" + evaluations));
            var manifest = new RunManifest("", 0, plan.toMap(), List.of(), Map.of(), "cpu");
            Files.writeString(
                    run.resolve("manifest.json"),
                    ManifestFile.of(manifest)
                            .ended(new RunEvent.Outcome.Completed(), new Cost(40, 0, 0, 0))
                            .toJson());
            Files.writeString(run.resolve("timing.json"), "{\"steering\": 5, \"evaluations\": " + evaluations + "}");
        }
        assertEquals(0.5, PastSpeed.in(temp).secondsPerEvaluation(plan).getAsDouble(), 1e-12);
    }

    @Test
    void memoryIsThatOfThePicturesOnTheirWayAtATime() {
        long four = of("particles", "4").bytes().getAsLong();
        long eight = of("particles", "8").bytes().getAsLong();
        assertEquals(4L * 64 * 64 * 4700, eight - four);
        assertEquals(of("particles", "32").bytes(), of("particles", "256").bytes(), "no more than 32 go at a time");
        assertEquals(
                of("particles", "4").bytes(),
                of("particles", "99", "micro-batch", "4").bytes());
        // Measured: 413 MB with 4 particles, 950 MB with 64.
        assertEquals(413e6, four * 1.0, 60e6);
        assertEquals(950e6, of("particles", "64").bytes().getAsLong() * 1.0, 100e6);
        assertTrue(of("reward", "clip").bytes().getAsLong()
                > of("reward", "redness").bytes().getAsLong());
        assertEquals(OptionalLong.empty(), of("model", "/nowhere").bytes());
    }

    @Test
    void itIsSaidInOneLine() {
        assertEquals(
                "About 1,200 network evaluations.",
                new RunOutlook(1200, false, OptionalDouble.empty(), OptionalLong.empty()).words());
        assertEquals(
                "About 7 network evaluations, with gradients, less than a second (as earlier runs took), 430 MB of memory.",
                new RunOutlook(7, true, OptionalDouble.of(0.2), OptionalLong.of(433_000_000)).words());
        assertTrue(new RunOutlook(7, false, OptionalDouble.of(150), OptionalLong.of(4_260_000_000L))
                .words()
                .endsWith(", 3 min (as earlier runs took), 4.3 GB of memory."));
    }
}
