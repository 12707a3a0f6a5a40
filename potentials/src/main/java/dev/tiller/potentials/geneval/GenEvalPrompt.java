// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.geneval.Rules.Position;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt with the rules that its pictures are judged by.
 *
 * @param tag its category, such as {@code counting}
 */
public record GenEvalPrompt(String prompt, String tag, Rules rules) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * Reads prompts as {@code evaluation_metadata.jsonl} has them, one JSON object a line; empty lines are passed over.
     *
     * @param where what the lines are, for messages
     * @throws TillerException if there is none, or a line is not of this form
     */
    public static List<GenEvalPrompt> parse(String where, List<String> lines) {
        var prompts = new ArrayList<GenEvalPrompt>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(ofLine(lines.get(i), where + ", line " + (i + 1)));
            }
        }
        if (prompts.isEmpty()) {
            throw new TillerException("There are no prompts in " + where + ".");
        }
        return prompts;
    }

    /**
     * Reads one prompt.
     *
     * @param where what the line is, for messages
     * @throws TillerException if it is not of this form
     */
    public static GenEvalPrompt ofLine(String line, String where) {
        try {
            var node = JsonLine.read(line, where);
            if (!node.path("include").has(0)) {
                throw new IllegalArgumentException("it should \"include\" something, as [{\"class\": \"dog\"}]");
            }
            return new GenEvalPrompt(
                    text(node, "prompt"),
                    text(node, "tag"),
                    new Rules(clauses(node.path("include")), clauses(node.path("exclude"))));
        } catch (IllegalArgumentException e) {
            throw new TillerException(where + " is no prompt with rules: " + e.getMessage() + ".", e);
        }
    }

    /** The line that stands for it. */
    public JsonNode toJson() {
        var node = JSON.createObjectNode().put("tag", tag);
        write(node.putArray("include"), rules.include());
        if (!rules.exclude().isEmpty()) {
            write(node.putArray("exclude"), rules.exclude());
        }
        return node.put("prompt", prompt);
    }

    private static void write(ArrayNode list, List<Clause> clauses) {
        for (var clause : clauses) {
            var node = list.addObject().put("class", clause.type()).put("count", clause.count());
            if (clause.colour() != null) {
                node.put("color", clause.colour());
            }
            if (clause.position() != null) {
                node.putArray("position")
                        .add(clause.position().relation().words())
                        .add(clause.position().clause());
            }
        }
    }

    private static List<Clause> clauses(JsonNode list) {
        if (!list.isArray() && !list.isMissingNode()) {
            throw new IllegalArgumentException("clauses are a list, as [{\"class\": \"dog\"}], not " + list);
        }
        var clauses = new ArrayList<Clause>();
        for (var node : list) {
            var count = node.path("count");
            if (!count.isMissingNode() && !(count.canConvertToInt() && count.isIntegralNumber() && count.asInt() > 0)) {
                throw new IllegalArgumentException("a count is a whole number from 1 up, not " + count);
            }
            clauses.add(new Clause(
                    text(node, "class"),
                    count.asInt(1),
                    node.has("color") ? text(node, "color") : null,
                    position(node.path("position"), clauses.size())));
        }
        return clauses;
    }

    private static @Nullable Position position(JsonNode node, int clause) {
        if (node.isMissingNode()) {
            return null;
        }
        var other = node.path(1);
        if (node.size() != 2 || !other.isInt() || other.asInt() < 0 || other.asInt() >= clause) {
            throw new IllegalArgumentException("a position is a relation and the number of an earlier clause, counting"
                    + " from 0, as [\"left of\", 0], not " + node);
        }
        var words = node.path(0).asText();
        return new Position(
                Arrays.stream(Relation.values())
                        .filter(r -> r.words().equals(words))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "'" + words + "' is no relation; there are left of, right of, above and below")),
                other.asInt());
    }

    private static String text(JsonNode node, String field) {
        if (!node.path(field).isTextual()) {
            throw new IllegalArgumentException("it lacks a \"" + field + "\", a text");
        }
        return node.path(field).asText();
    }
}
