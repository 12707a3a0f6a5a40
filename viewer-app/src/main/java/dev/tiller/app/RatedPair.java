// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.potentials.scene.ScenePairs;
import dev.tiller.potentials.scene.SceneRenderer;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import java.nio.file.Path;
import java.util.List;

/**
 * Two pictures of a prompt, or two texts of a picture, the first of which is known to be better.
 *
 * @param category what they differ in, or where they are from
 */
record RatedPair(String category, Shown better, Shown worse) {
    /** A picture, and what it should show. */
    record Shown(String prompt, Picture picture) {}

    private static RatedPair of(String category, String prompt, Picture better, Picture worse) {
        return new RatedPair(category, new Shown(prompt, better), new Shown(prompt, worse));
    }

    /** The embedded set. */
    static List<RatedPair> scenes(int perKind, long seed) {
        return ScenePairs.draw(perKind, seed).stream()
                .map(p -> of(p.kind().tag(), p.prompt(), scene(p.chosen()), scene(p.rejected())))
                .toList();
    }

    private static Picture scene(byte[] rgb) {
        return new Picture(SceneRenderer.SIZE, SceneRenderer.SIZE, rgb);
    }

    /** The pairs of a file: lines of ours, of MJ-Bench or of VL-RewardBench. */
    static List<RatedPair> read(Path file) {
        return JsonLines.read(file, "pairs").stream()
                .map(line ->
                        line.has("human_ranking") ? ofTexts(line) : line.has("image0") ? ofMjBench(line) : ofOurs(line))
                .toList();
    }

    private static RatedPair ofOurs(JsonLines.Line line) {
        return of(
                category(line, "category"),
                line.text("prompt"),
                Png.read(line.path("chosen")),
                Png.read(line.path("rejected")));
    }

    /** MJ-Bench (Chen et al. 2024): caption, image0, image1, and label, the number of the better one. */
    private static RatedPair ofMjBench(JsonLines.Line line) {
        var label = line.node().path("label").asText();
        if (!label.equals("0") && !label.equals("1")) {
            throw line.wrong("should have the label 0 or 1, the number of the better picture");
        }
        boolean first = label.equals("0");
        return of(
                category(line, "category"),
                line.text("caption"),
                Png.read(line.path(first ? "image0" : "image1")),
                Png.read(line.path(first ? "image1" : "image0")));
    }

    /** VL-RewardBench (Li et al. 2024): image, response, two texts, and human_ranking, [0, 1] if the first is better. */
    private static RatedPair ofTexts(JsonLines.Line line) {
        var texts = line.node().path("response");
        if (texts.size() != 2 || !texts.path(0).isTextual() || !texts.path(1).isTextual()) {
            throw line.wrong("should have two texts as \"response\"");
        }
        var ranking = line.node().path("human_ranking").toString();
        if (!ranking.equals("[0,1]") && !ranking.equals("[1,0]")) {
            throw line.wrong("should have [0, 1] or [1, 0] as \"human_ranking\", the ranks of its two texts");
        }
        int better = ranking.equals("[0,1]") ? 0 : 1;
        var picture = Png.read(line.path("image"));
        return new RatedPair(
                category(line, "query_source"),
                new Shown(texts.path(better).asText(), picture),
                new Shown(texts.path(1 - better).asText(), picture));
    }

    private static String category(JsonLines.Line line, String key) {
        return line.node().path(key).asText("all");
    }
}
