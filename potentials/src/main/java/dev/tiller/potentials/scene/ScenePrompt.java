// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.potentials.scene.SceneRules.Clause;
import dev.tiller.potentials.scene.SceneRules.Position;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A prompt with the rules it is judged by: a line of a file in GenEval's form.
 *
 * @param tag its category
 */
public record ScenePrompt(String prompt, String tag, SceneRules rules) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * Reads a file of prompts, one JSON object a line; empty lines are passed over.
     *
     * @throws TillerException if it cannot be read, or a line is not of this form
     */
    public static List<ScenePrompt> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new TillerException("Cannot read the prompts " + file + ": " + e.getMessage() + ".", e);
        }
        var prompts = new ArrayList<ScenePrompt>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(parse(lines.get(i), file + ", line " + (i + 1)));
            }
        }
        return prompts;
    }

    private static ScenePrompt parse(String line, String where) {
        try {
            var node = JSON.readTree(line);
            var rules = new SceneRules(clauses(node.path("include")), clauses(node.path("exclude")));
            if (rules.include().isEmpty() || !node.path("prompt").isTextual()) {
                throw new IllegalArgumentException("prompt and include are wanted");
            }
            return new ScenePrompt(
                    node.path("prompt").asText(), node.path("tag").asText(), rules);
        } catch (JsonProcessingException e) {
            throw new TillerException(where + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IllegalArgumentException e) {
            throw new TillerException(where + " is no prompt with rules: " + e.getMessage() + ".", e);
        }
    }

    private static List<Clause> clauses(JsonNode list) {
        var clauses = new ArrayList<Clause>();
        for (var node : list) {
            clauses.add(new Clause(
                    named(Shape.values(), Shape::word, node.path("class").asText()),
                    node.path("count").asInt(1),
                    node.has("color")
                            ? named(
                                    Colour.values(),
                                    Colour::word,
                                    node.path("color").asText())
                            : null,
                    position(node.path("position"), clauses.size())));
        }
        return clauses;
    }

    private static @Nullable Position position(JsonNode node, int clause) {
        if (node.isMissingNode()) {
            return null;
        }
        int other = node.path(1).asInt(-1);
        if (other < 0 || other >= clause) {
            throw new IllegalArgumentException("position must name an earlier clause, not " + node);
        }
        return new Position(
                named(Relation.values(), Relation::words, node.path(0).asText()), other);
    }

    private static <E> E named(E[] values, Function<E, String> name, String wanted) {
        return Arrays.stream(values)
                .filter(v -> name.apply(v).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + wanted + "' is not of the scene world"));
    }
}
