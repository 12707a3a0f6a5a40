// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A component's configuration ({@code config.json}, {@code scheduler_config.json}), in which no option is ignored: an
 * option is asked for by its reader, or declared supported at one value only ({@link #only}), or without effect
 * ({@link #inert}), or refused by name ({@link #refuseOthers}). An option that is absent or null has its default.
 *
 * <p>A configuration remembers what it was asked for, so every reader takes {@link #fresh} one.
 */
public final class ModelConfig {
    private static final ObjectMapper JSON = JsonMapper.builder()
            // diffusers writes lambda_min_clipped as -Infinity
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final String where;
    private final ObjectNode options;
    private final Set<String> known = new HashSet<>();

    private ModelConfig(String where, ObjectNode options) {
        this.where = where;
        this.options = options;
    }

    /**
     * Reads a file.
     *
     * @throws TillerException if it cannot be read or is not a JSON object
     */
    public static ModelConfig read(Path file) {
        try {
            return of(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + "; is this a model's folder in diffusers layout?", e);
        }
    }

    /**
     * Reads text.
     *
     * @param where what messages call it
     */
    public static ModelConfig of(String where, String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode object) {
                return new ModelConfig(where, object);
            }
            throw new TillerException(where + " is not a configuration: it is not a JSON object.");
        } catch (JsonProcessingException e) {
            throw new TillerException(where + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        }
    }

    /** The same options, none of them asked for yet. */
    public ModelConfig fresh() {
        return new ModelConfig(where, options);
    }

    /** The same with one option set; the value is text, a number or a truth value. */
    public ModelConfig with(String key, Object value) {
        var copy = options.deepCopy();
        copy.set(key, JSON.valueToTree(value));
        return new ModelConfig(where, copy);
    }

    /**
     * The configuration inside this one, such as {@code text_config}. Of several keys, those absent or null are passed
     * over, and an option under a later key replaces that under an earlier one.
     *
     * @throws TillerException if a value is not an object
     */
    public ModelConfig section(String... keys) {
        var inner = JSON.createObjectNode();
        for (var key : keys) {
            get(key, JsonNode::isObject, ObjectNode.class::cast, "an object").ifPresent(inner::setAll);
        }
        return new ModelConfig(where + ", " + keys[0], inner);
    }

    /** The file it was read from, or what {@link #of} called it. */
    public String where() {
        return where;
    }

    /** The names of all options that the file gives. */
    public Set<String> keys() {
        var names = new HashSet<String>();
        options.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Whether an option is given, and not null. */
    public boolean has(String key) {
        return value(key) != null;
    }

    /** Whether an option is given, and an object. */
    public boolean isSection(String key) {
        var value = value(key);
        return value != null && value.isObject();
    }

    public int integer(String key, int orElse) {
        return get(key, ModelConfig::isWhole, JsonNode::intValue, "a whole number")
                .orElse(orElse);
    }

    public double number(String key, double orElse) {
        return get(key, ModelConfig::isFinite, JsonNode::doubleValue, "a number")
                .orElse(orElse);
    }

    public boolean flag(String key, boolean orElse) {
        return get(key, JsonNode::isBoolean, JsonNode::booleanValue, "true or false")
                .orElse(orElse);
    }

    public String text(String key, String orElse) {
        return get(key, JsonNode::isTextual, JsonNode::textValue, "text").orElse(orElse);
    }

    public int[] integers(String key, int... orElse) {
        return list(key, ModelConfig::isWhole, "a list of whole numbers")
                .map(nodes -> nodes.stream().mapToInt(JsonNode::intValue).toArray())
                .orElse(orElse);
    }

    /** A list of {@code n} whole numbers, which a single one stands for if all are equal. */
    public int[] integersOrOne(String key, int n, int orElse) {
        var value = value(key);
        if (value == null || isWhole(value)) {
            var numbers = new int[n];
            Arrays.fill(numbers, value == null ? orElse : value.intValue());
            return numbers;
        }
        var numbers = integers(key);
        if (numbers.length != n) {
            throw new TillerException(
                    where + ": " + key + " has " + numbers.length + " numbers; " + n + " are wanted.");
        }
        return numbers;
    }

    public double[] numbers(String key, double... orElse) {
        return list(key, ModelConfig::isFinite, "a list of numbers")
                .map(nodes -> nodes.stream().mapToDouble(JsonNode::doubleValue).toArray())
                .orElse(orElse);
    }

    public List<String> texts(String key, String... orElse) {
        return list(key, JsonNode::isTextual, "a list of texts")
                .map(nodes -> nodes.stream().map(JsonNode::textValue).toList())
                .orElse(List.of(orElse));
    }

    /**
     * Declares an option that is supported at some values only.
     *
     * @param supported texts, numbers or truth values; null and absence are always supported
     * @throws TillerException if it is given with another value
     */
    public void only(String key, Object... supported) {
        var value = value(key);
        if (value != null && Arrays.stream(supported).noneMatch(s -> same(value, s))) {
            throw new TillerException(where + ": " + key + " = " + value + " is not supported"
                    + (supported.length == 0 ? "." : "; supported: " + Arrays.toString(supported) + "."));
        }
    }

    /** Declares options that change nothing here, whatever their value. */
    public void inert(String... keys) {
        known.addAll(Arrays.asList(keys));
    }

    /**
     * The end of reading.
     *
     * @throws TillerException if an option was neither asked for nor declared; names that begin with an underscore are
     *     notes of the library that wrote the file
     */
    public void refuseOthers() {
        var others = new ArrayList<>(keys());
        others.removeAll(known);
        others.removeIf(key -> key.startsWith("_"));
        others.sort(null);
        if (!others.isEmpty()) {
            throw new TillerException(where + ": unknown option" + (others.size() == 1 ? " " : "s ")
                    + String.join(", ", others) + "; this version of Tiller does not know what it asks for.");
        }
    }

    /** A larger one would be cut to another number. */
    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt();
    }

    private static boolean isFinite(JsonNode value) {
        return value.isNumber() && Double.isFinite(value.doubleValue());
    }

    private static boolean same(JsonNode value, Object supported) {
        if (value.isNumber() && supported instanceof Number number) {
            return value.doubleValue() == number.doubleValue();
        }
        return value.isValueNode() && value.asText().equals(supported.toString());
    }

    private @Nullable JsonNode value(String key) {
        known.add(key);
        var value = options.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private <T> Optional<T> get(String key, Predicate<JsonNode> is, Function<JsonNode, T> as, String kind) {
        var value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!is.test(value)) {
            throw new TillerException(where + ": " + key + " must be " + kind + ", and not " + value + ".");
        }
        return Optional.of(as.apply(value));
    }

    private Optional<List<JsonNode>> list(String key, Predicate<JsonNode> is, String kind) {
        return get(
                key,
                value -> value.isArray()
                        && StreamSupport.stream(value.spliterator(), false).allMatch(is),
                value -> StreamSupport.stream(value.spliterator(), false).toList(),
                kind);
    }
}
