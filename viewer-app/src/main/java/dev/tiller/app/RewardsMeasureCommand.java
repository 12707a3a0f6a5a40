// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.app.RatedPair.Shown;
import dev.tiller.record.Picture;
import dev.tiller.reward.PairAccuracy;
import dev.tiller.reward.PairAccuracy.Scored;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller rewards measure}. */
@Command(
        name = "measure",
        description =
                "Measures rewards on pairs of pictures, or of texts, of which one is known to be better: how often each prefers"
                        + " it, by category with 95 %% intervals, how well its differences are calibrated, how far rewards"
                        + " agree, and what a picture costs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller rewards measure scenes --reward clip --reward verifier",
            "  tiller rewards measure pairs.jsonl --reward \"judge(url=http://127.0.0.1:8089/v1)\" --json",
            "",
            "A line of the pairs: {\"prompt\": \"a red circle\", \"chosen\": \"a.png\", \"rejected\": \"b.png\", \"category\":",
            "\"colour\"}, files being relative to the file's folder; or as MJ-Bench has it: caption, image0, image1, label 0 or 1;",
            "or as VL-RewardBench has it, two texts of one picture: image, response, human_ranking.",
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

    private record Measured(String reward, List<Scored> scored, Cost cost, double seconds) {}

    @Override
    public Integer call() {
        var catalogue = RewardCatalogue.load(Images.class);
        var expressions = rewards.stream().map(RewardExpression::parse).toList();
        expressions.forEach(catalogue::check);
        var set = pairs.equals(SCENES) ? drawn() : RatedPair.read(Path.of(pairs));
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

    private List<RatedPair> drawn() {
        if (perKind < 1) {
            throw new TillerException("There must be at least one pair of each kind, not " + perKind + ".");
        }
        return RatedPair.scenes(perKind, seed);
    }

    private Measured measure(RewardCatalogue<Images> catalogue, RewardExpression expression, List<RatedPair> set) {
        var scored = new ArrayList<Scored>();
        long start = System.nanoTime();
        var request = new RewardRequest("", Map.of(), models()::locate, device, note -> err().println("Note: " + note));
        try (var rewards = new RewardsByPrompt(catalogue, expression, request)) {
            for (var pair : set) {
                var values = score(rewards, pair.better(), pair.worse());
                scored.add(new Scored(pair.category(), values[0], values[1]));
            }
            return new Measured(expression.toString(), scored, rewards.cost(), (System.nanoTime() - start) / 1e9);
        }
    }

    /** The better one's value and the worse one's; looked at together where they can be. */
    private static double[] score(RewardsByPrompt rewards, Shown a, Shown b) {
        boolean together = a.prompt().equals(b.prompt())
                && a.picture().width() == b.picture().width()
                && a.picture().height() == b.picture().height();
        return together
                ? score(rewards.of(a.prompt()), a.picture(), b.picture())
                : new double[] {
                    score(rewards.of(a.prompt()), a.picture())[0], score(rewards.of(b.prompt()), b.picture())[0]
                };
    }

    private static double[] score(WeightedReward<Images> reward, Picture... pictures) {
        var rgb = Arrays.stream(pictures).map(Picture::rgb).toArray(byte[][]::new);
        try (var images = Images.of(rgb, pictures[0].width(), pictures[0].height())) {
            return reward.score(images);
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
