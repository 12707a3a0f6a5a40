// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunManifest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Folders of runs that nobody made, small and as real ones look. */
public final class MadeRuns {
    private MadeRuns() {}

    public static RunManifest manifest(String prompt, String method, long seed) {
        var plan = new LinkedHashMap<String, Object>();
        plan.put("prompt", prompt);
        plan.put("negative", "blurry");
        plan.put("method", method);
        plan.put("reward", "clip");
        plan.put("particles", 4);
        plan.put("steps", 8);
        plan.put("seed", seed);
        plan.put("model", "scenes");
        var weights = List.of(new RunManifest.WeightFile("scenes/unet.safetensors", 10, "ab".repeat(32)));
        return new RunManifest(prompt, seed, plan, weights, Map.of("tiller", "0.1.0"), "cpu");
    }

    /** A run that came to its end, with what was decided in it and in those that it branched from. */
    public static Path completed(Path path, RunManifest manifest, double best, Decision.At... decisions) {
        var folder = RunFolder.create(path);
        var completed = new Outcome.Completed();
        try (var log = EventLog.create(folder.resolve("events.jsonl"))) {
            log.on(new RunEvent.RunStarted(manifest, 8, 4));
        }
        folder.write(
                "0001.png",
                Png.encode(
                        disc(manifest.seed()),
                        Map.of(
                                Recipe.KEYWORD,
                                Recipe.of(manifest, 0, 1, best, Map.of("clip", best))
                                        .decided(List.of(decisions))
                                        .toJson())));
        folder.write(
                "manifest.json",
                ManifestFile.of(manifest).ended(completed, Cost.NONE).toJson());
        return path;
    }

    /** A run that was killed after its first judged step, in which slot 2 led. */
    public static Path killed(Path path, RunManifest manifest) {
        var folder = RunFolder.create(path);
        folder.write("manifest.json", ManifestFile.of(manifest).toJson());
        try (var log = EventLog.create(folder.resolve("events.jsonl"))) {
            log.on(new RunEvent.RunStarted(manifest, 8, 3));
            log.on(new RunEvent.StepDone(0, new double[3], 3, 0, Cost.NONE));
            for (int slot = 0; slot < 3; slot++) {
                var sha = folder.keep(Png.encode(disc(manifest.seed() + slot), Map.of()));
                log.on(new RunEvent.Previewed(0, slot, sha, RunEvent.Stage.CLEAN));
            }
            log.on(new RunEvent.Scored(0, new double[] {1, Double.NaN, 2.5}, Map.of(), new double[3], 3));
        }
        return path;
    }

    /** A disc whose colour and place follow from the seed. */
    public static Picture disc(long seed) {
        int side = 32;
        var rgb = new byte[3 * side * side];
        Arrays.fill(rgb, (byte) 230);
        for (int i = 0; i < side * side; i++) {
            double x = i % side - 10.0 - seed * 7 % 12;
            int row = i / side;
            double y = row - 10.0 - seed * 5 % 12;
            if (x * x + y * y < 64) {
                rgb[3 * i] = (byte) (seed * 61 % 200);
                rgb[3 * i + 1] = (byte) (seed * 97 % 200);
                rgb[3 * i + 2] = (byte) (seed * 29 % 200);
            }
        }
        return new Picture(side, side, rgb);
    }
}
