// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.benchmark.DetectionFile;
import dev.tiller.benchmark.GenEvalScore;
import dev.tiller.benchmark.GenEvalScore.ImageVerdict;
import dev.tiller.benchmark.Suite;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tiller bench score}. */
@Command(
        name = "score",
        description = "Scores detections by GenEval's rules, without making pictures.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller bench score --metadata evaluation_metadata.jsonl --detections detections.jsonl",
            "  tiller bench score --metadata evaluation_metadata.jsonl --detections detections.jsonl --json",
            "",
            "A line of the detections: {\"prompt_index\": 0, \"image\": \"0000.png\", \"detections\":",
            "[{\"class\": \"dog\", \"score\": 0.93, \"box\": [x0, y0, x1, y1], \"color\": \"brown\"}]}"
        })
final class BenchScoreCommand extends TillerCommand {
    @Option(
            names = "--metadata",
            required = true,
            paramLabel = "FILE",
            description = "The prompts with their rules, as GenEval's evaluation_metadata.jsonl.")
    private Path metadata = Path.of("");

    @Option(
            names = "--detections",
            required = true,
            paramLabel = "FILE",
            description = "What a detector found, one JSON line an image.")
    private Path detections = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "N",
            description =
                    "How many images each prompt should have (default: as many as the prompt with the most has; GenEval's own is 4).")
    private @Nullable Integer images;

    @Option(
            names = "--partial",
            description = "Score an incomplete set too, and say between which bounds the score is.")
    private boolean partial;

    @Override
    public Integer call() {
        var suite = Suite.withRules(metadata.toString(), metadata);
        var found = DetectionFile.read(detections, suite.prompts().size());
        var verdicts = GenEvalScore.judge(suite, found);
        var score = GenEvalScore.of(suite, verdicts, images, partial);
        if (json()) {
            verdicts.forEach(v -> out().println(line(v)));
            out().println(JSON.createObjectNode().set("summary", summary(score)).toString());
        } else {
            tell(verdicts, score);
        }
        if (score.missing() > 0) {
            err().println("Note: " + score.missing() + " images are missing; with them the overall score is between "
                    + percent(score.lowest()) + " and " + percent(score.highest()) + ".");
        }
        var never = GenEvalScore.neverFound(suite, found);
        if (!never.isEmpty()) {
            err().println("Note: nothing was found of "
                    + String.join(", ", never.subList(0, Math.min(10, never.size())))
                    + (never.size() > 10 ? " and " + (never.size() - 10) + " more classes" : "")
                    + ", which the prompts name; does the detector call them otherwise?");
        }
        return 0;
    }

    private static JsonNode line(ImageVerdict verdict) {
        return JSON.createObjectNode()
                .put("prompt_index", verdict.promptIndex())
                .put("image", verdict.image())
                .put("tag", verdict.tag())
                .put("correct", verdict.correct())
                .put("reason", verdict.reason());
    }

    private static ObjectNode summary(GenEvalScore score) {
        var node = JSON.createObjectNode();
        node.set("tags", numbers(score.tags()));
        put(node, "overall", score.overall());
        node.put("images", score.images()).put("prompts", score.prompts());
        node.put("images_per_prompt", score.imagesPerPrompt());
        node.set("any_of_tags", numbers(score.anyOf()));
        put(node, "any_of_overall", score.overallAnyOf());
        node.put("complete", score.missing() == 0).put("missing", score.missing());
        node.putArray("bounds").add(score.lowest()).add(score.highest());
        return node;
    }

    private static ObjectNode numbers(Map<String, Double> values) {
        var node = JSON.createObjectNode();
        values.forEach((name, value) -> put(node, name, value));
        return node;
    }

    private void tell(List<ImageVerdict> verdicts, GenEvalScore score) {
        for (var verdict : verdicts) {
            if (!verdict.correct()) {
                out().println(String.format(
                        Locale.ROOT,
                        "wrong  %05d/%s  %s: %s",
                        verdict.promptIndex(),
                        verdict.image(),
                        verdict.tag(),
                        verdict.reason()));
            }
        }
        out().println(String.format(Locale.ROOT, "%-16s %9s %9s", "", "correct", "any of " + score.imagesPerPrompt()));
        score.tags().forEach((tag, value) -> row(tag, value, score.anyOf().getOrDefault(tag, Double.NaN)));
        row("overall", score.overall(), score.overallAnyOf());
        out().println(score.images() + " images of " + score.prompts() + " prompts.");
    }

    private void row(String name, double correct, double anyOf) {
        out().println(String.format(Locale.ROOT, "%-16s %9s %9s", name, percent(correct), percent(anyOf)));
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "n/a" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
