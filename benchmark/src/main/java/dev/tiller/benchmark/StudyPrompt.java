// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt of a suite.
 *
 * @param tag its category, such as {@code counting}
 */
public record StudyPrompt(String tag, String prompt) {

    /** The embedded suite {@code scenes}: 120 prompts, 20 in each of GenEval's six categories. */
    public static List<StudyPrompt> scenes() {
        try (InputStream in = StudyPrompt.class.getResourceAsStream("/suites/scenes.jsonl")) {
            if (in == null) {
                throw new IllegalStateException("the suite is missing from this build");
            }
            return parse("the suite scenes", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new TillerException("Cannot read the suite scenes: " + e.getMessage() + ".", e);
        }
    }

    /** The prompts of a file with one JSON object a line, of which {@code tag} and {@code prompt} are read. */
    public static List<StudyPrompt> read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new TillerException("Cannot read the prompts " + file + ": " + e.getMessage() + ".", e);
        }
    }

    private static List<StudyPrompt> parse(String where, String lines) {
        var json = new ObjectMapper();
        var prompts = new ArrayList<StudyPrompt>();
        int number = 0;
        for (var line : lines.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                var node = json.readTree(line);
                if (!node.path("tag").isTextual() || !node.path("prompt").isTextual()) {
                    throw new TillerException("Line " + number + " of " + where + " lacks a tag or a prompt.");
                }
                prompts.add(new StudyPrompt(
                        node.path("tag").asText(), node.path("prompt").asText()));
            } catch (JsonProcessingException e) {
                throw new TillerException(
                        "Line " + number + " of " + where + " is not JSON: " + e.getOriginalMessage() + ".", e);
            }
        }
        return prompts;
    }
}
