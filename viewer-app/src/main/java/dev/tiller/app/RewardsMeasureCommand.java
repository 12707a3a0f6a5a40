// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.potentials.scene.ScenePairs;
import dev.tiller.potentials.scene.SceneRenderer;
import dev.tiller.record.CorruptRecordException;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.reward.PairAccuracy;
import dev.tiller.reward.PairAccuracy.Scored;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller rewards measure}. */
@Command(
        name = "measure",
        description = "Measures rewards on pairs of pictures of which one is known to be better: how often each prefers"
                + " it, by category with 95 %% intervals, how well its differences are calibrated, how far rewards"
                + " agree, and what a picture costs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller rewards measure scenes --reward clip --reward verifier",
            "  tiller rewards measure pairs.jsonl --reward \"judge(url=http://127.0.0.1:8089/v1)\" --json",
            "",
            "A line of the pairs: {\"prompt\": \"a red circle\", \"chosen\": \"a.png\", \"rejected\": \"b.png\", \"category\":",
            "\"colour\"}, files being relative to the file's folder; or as MJ-Bench has it: caption, image0, image1, label 0 or 1.",
            "'scenes' is an embedded set, drawn from a seed."
        })
final class RewardsMeasureCommand extends TillerCommand {
    private static final String SCENES = "scenes";

    @Parameters(paramLabel = "PAIRS", description = "A file of pairs as JSON lines, or 'scenes'.")
    private String pairs = "";

    @Option(
            names = "--reward",
            required = true,
            paramLabel = "EXPR",
            description = "A reward to measure; may be given several times.")
    private List<String> rewards = List.of();

    @Option(
            names = "--per-kind",
            paramLabel = "N",
            defaultValue = "50",
            description = "Pairs of each kind in 'scenes'. Default: ${DEFAULT-VALUE}.")
    private int perKind;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the drawing of 'scenes'. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "";

    private record Pair(String prompt, String category, Picture chosen, Picture rejected) {}

    private record Measured(String reward, List<Scored> scored, Cost cost, double seconds) {}

    @Override
    public Integer call() {
        var catalogue = RewardCatalogue.load(Images.class);
        var expressions = rewards.stream().map(RewardExpression::parse).toList();
        expressions.forEach(catalogue::check);
        var set = pairs.equals(SCENES) ? drawn() : read(Path.of(pairs));
        var measured = new ArrayList<Measured>();
        for (var expression : expressions) {
            measured.add(measure(catalogue, expression, set));
        }
        if (json()) {
            print(json(measured));
        } else {
            tell(measured);
        }
        return 0;
    }

    private List<Pair> drawn() {
        if (perKind < 1) {
            throw new TillerException("There must be at least one pair of each kind, not " + perKind + ".");
        }
        return ScenePairs.draw(perKind, seed).stream()
                .map(p -> new Pair(p.prompt(), p.kind().tag(), scene(p.chosen()), scene(p.rejected())))
                .toList();
    }

    private static Picture scene(byte[] rgb) {
        return new Picture(SceneRenderer.SIZE, SceneRenderer.SIZE, rgb);
    }

    private static List<Pair> read(Path file) {
        var pairs = new ArrayList<Pair>();
        int number = 0;
        try {
            for (var line : Files.readAllLines(file)) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                pairs.add(pair(JSON.readTree(line), file, number));
            }
        } catch (JsonProcessingException e) {
            throw new TillerException("Line " + number + " of " + file + " is not JSON.", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + "; does it exist?", e);
        }
        if (pairs.isEmpty()) {
            throw new TillerException("There are no pairs in " + file + ".");
        }
        return pairs;
    }

    /** A row of ours, or one as MJ-Bench has it: caption, image0, image1, and label, the number of the better one. */
    private static Pair pair(JsonNode row, Path file, int number) {
        boolean theirs = row.has("image0");
        for (var key : theirs ? List.of("caption", "image0", "image1") : List.of("prompt", "chosen", "rejected")) {
            if (!row.path(key).isTextual()) {
                throw new TillerException("Line " + number + " of " + file + " lacks the text \"" + key + "\".");
            }
        }
        var label = row.path("label").asText();
        if (theirs && !label.equals("0") && !label.equals("1")) {
            throw new TillerException("Line " + number + " of " + file
                    + " should have the label 0 or 1, the number of the better picture.");
        }
        boolean second = theirs && label.equals("1");
        var chosen = theirs ? (second ? "image1" : "image0") : "chosen";
        var rejected = theirs ? (second ? "image0" : "image1") : "rejected";
        return new Pair(
                row.get(theirs ? "caption" : "prompt").asText(),
                row.path("category").asText("all"),
                picture(file.resolveSibling(row.get(chosen).asText())),
                picture(file.resolveSibling(row.get(rejected).asText())));
    }

    private static Picture picture(Path file) {
        try {
            return Png.decode(Files.readAllBytes(file));
        } catch (CorruptRecordException e) {
            throw new TillerException("Cannot read the picture " + file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new TillerException("Cannot read the picture " + file + "; does it exist?", e);
        }
    }

    private Measured measure(RewardCatalogue<Images> catalogue, RewardExpression expression, List<Pair> set) {
        var scored = new ArrayList<Scored>();
        var cost = Cost.NONE;
        @Nullable WeightedReward<Images> before = null;
        long start = System.nanoTime();
        try {
            for (var pair : set) {
                // A model that the next prompt needs again stays open.
                var reward = catalogue.create(
                        expression,
                        new RewardRequest(
                                pair.prompt(),
                                Map.of(),
                                models()::locate,
                                device,
                                note -> err().println("Note: " + note)));
                if (before != null) {
                    before.close();
                }
                before = reward;
                var values = score(reward, pair);
                scored.add(new Scored(pair.category(), values[0], values[1]));
                cost = cost.plus(reward.cost());
            }
        } finally {
            if (before != null) {
                before.close();
            }
        }
        return new Measured(expression.toString(), scored, cost, (System.nanoTime() - start) / 1e9);
    }

    private static double[] score(WeightedReward<Images> reward, Pair pair) {
        var a = pair.chosen();
        var b = pair.rejected();
        if (a.width() == b.width() && a.height() == b.height()) {
            try (var both = Images.of(new byte[][] {a.rgb(), b.rgb()}, a.width(), a.height())) {
                return reward.score(both);
            }
        }
        try (var first = Images.of(new byte[][] {a.rgb()}, a.width(), a.height());
                var second = Images.of(new byte[][] {b.rgb()}, b.width(), b.height())) {
            return new double[] {reward.score(first)[0], reward.score(second)[0]};
        }
    }

    private ObjectNode json(List<Measured> measured) {
        var root = JSON.createObjectNode().put("pairs", pairs);
        var list = root.putArray("rewards");
        for (var one : measured) {
            var node = list.addObject().put("reward", one.reward());
            put(node, PairAccuracy.of(one.scored()));
            var categories = node.putObject("categories");
            PairAccuracy.byCategory(one.scored()).forEach((name, a) -> put(categories.putObject(name), a));
            put(node, "scale", PairAccuracy.scale(one.scored()));
            put(node, "calibration_error", PairAccuracy.calibrationError(one.scored()));
            put(node, "milliseconds_per_picture", milliseconds(one));
            node.put("judge_calls", one.cost().judgeCalls())
                    .put("judge_tokens", one.cost().judgeTokens());
            var agreement = node.putObject("agreement");
            measured.forEach(
                    other -> put(agreement, other.reward(), PairAccuracy.agreement(one.scored(), other.scored())));
        }
        return root;
    }

    private static void put(ObjectNode node, PairAccuracy a) {
        node.put("count", a.pairs()).put("unsaid", a.unsaid());
        put(node, "accuracy", a.accuracy());
        put(node, "low", a.low());
        put(node, "high", a.high());
    }

    private static double milliseconds(Measured one) {
        return one.seconds() * 1000 / (2 * one.scored().size());
    }

    private void tell(List<Measured> measured) {
        for (var one : measured) {
            out().println(one.reward());
            var rows = new LinkedHashMap<String, PairAccuracy>();
            rows.put("all", PairAccuracy.of(one.scored()));
            rows.putAll(PairAccuracy.byCategory(one.scored()));
            rows.forEach((name, a) -> out().println(String.format(
                    Locale.ROOT,
                    "  %-18s %6.1f %%  [%.1f, %.1f]  of %d%s",
                    name,
                    100 * a.accuracy(),
                    100 * a.low(),
                    100 * a.high(),
                    a.pairs(),
                    a.unsaid() == 0 ? "" : ", " + a.unsaid() + " unsaid")));
            out().println(String.format(
                    Locale.ROOT,
                    "  calibration error %.3f, %.1f ms a picture, %d calls of a judge, %d tokens",
                    PairAccuracy.calibrationError(one.scored()),
                    milliseconds(one),
                    one.cost().judgeCalls(),
                    one.cost().judgeTokens()));
        }
        for (int i = 0; i < measured.size(); i++) {
            for (int j = i + 1; j < measured.size(); j++) {
                out().println(String.format(
                        Locale.ROOT,
                        "%s and %s agree on %.1f %%",
                        measured.get(i).reward(),
                        measured.get(j).reward(),
                        100
                                * PairAccuracy.agreement(
                                        measured.get(i).scored(),
                                        measured.get(j).scored())));
            }
        }
    }
}
