// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.JsonLine;
import dev.tiller.run.TillerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a detector, anybody's, found in pictures: one JSON object a line,
 *
 * <pre>
 * {"prompt_index": 0, "image": "0000.png",
 *  "detections": [{"class": "dog", "score": 0.93, "box": [x0, y0, x1, y1], "color": "brown"}]}
 * </pre>
 *
 * where the colour may be missing.
 */
public final class DetectionFile {
    private DetectionFile() {}

    /**
     * All that was found in a picture, however uncertain.
     *
     * @param promptIndex which prompt the picture is of, counting from 0
     * @param image its name, unique among the prompt's pictures
     */
    public record ImageDetections(int promptIndex, String image, List<Detection> detections) {}

    /**
     * Reads a file; empty lines are passed over.
     *
     * @param prompts how many there are
     * @throws TillerException if it cannot be read, or a line is not of this form, naming the line
     */
    public static List<ImageDetections> read(Path file, int prompts) {
        var lines = Suite.lines(file);
        var images = new ArrayList<ImageDetections>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            try {
                var image = image(JsonLine.read(lines.get(i), file + ", line " + (i + 1)));
                if (image.promptIndex() >= prompts) {
                    throw new IllegalArgumentException("there is no prompt " + image.promptIndex()
                            + "; the metadata has prompts 0 to " + (prompts - 1));
                }
                if (!seen.add(image.promptIndex() + "\n" + image.image())) {
                    throw new IllegalArgumentException(
                            "image " + image.image() + " of prompt " + image.promptIndex() + " is there twice");
                }
                images.add(image);
            } catch (IllegalArgumentException e) {
                throw new TillerException(
                        file + ", line " + (i + 1) + " is no list of detections: " + e.getMessage() + ".", e);
            }
        }
        return images;
    }

    private static ImageDetections image(JsonNode node) {
        var index = node.path("prompt_index");
        if (!index.isIntegralNumber() || !index.canConvertToInt() || index.asInt() < 0) {
            throw new IllegalArgumentException(
                    "\"prompt_index\" should be a whole number from 0 up, not " + shown(index));
        }
        var detections = node.path("detections");
        if (!detections.isArray()) {
            throw new IllegalArgumentException("\"detections\" should be a list, not " + shown(detections));
        }
        return new ImageDetections(
                index.asInt(),
                text(node, "image"),
                StreamSupport.stream(detections.spliterator(), false)
                        .map(DetectionFile::detection)
                        .toList());
    }

    private static Detection detection(JsonNode node) {
        var score = node.path("score");
        if (!score.isNumber() || !Double.isFinite(score.asDouble())) {
            throw new IllegalArgumentException("a \"score\" should be a number, not " + shown(score));
        }
        return new Detection(text(node, "class"), score.asDouble(), box(node.path("box")), colour(node));
    }

    private static Box box(JsonNode node) {
        boolean four = node.isArray() && node.size() == 4;
        for (int i = 0; four && i < 4; i++) {
            four = node.get(i).isNumber() && Double.isFinite(node.get(i).asDouble());
        }
        if (!four) {
            throw new IllegalArgumentException("a \"box\" should be [x0, y0, x1, y1], not " + shown(node));
        }
        return new Box(
                node.get(0).asDouble(),
                node.get(1).asDouble(),
                node.get(2).asDouble(),
                node.get(3).asDouble());
    }

    private static @Nullable String colour(JsonNode node) {
        var colour = node.path("color");
        return colour.isMissingNode() || colour.isNull() ? null : text(node, "color");
    }

    private static String text(JsonNode node, String field) {
        if (!node.path(field).isTextual()) {
            throw new IllegalArgumentException("\"" + field + "\" should be a text, not " + shown(node.path(field)));
        }
        return node.path(field).asText();
    }

    private static String shown(JsonNode node) {
        var text = node.isMissingNode() ? "missing" : node.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
