// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON: components by name, sealed types by a {@code type} field, doubles so that they come back bit for bit,
 * what is not finite as the strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
 */
final class RecordJson {
    /** One of a closed set, told apart by its simple name. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    private interface Named {}

    /** As the line that says it. */
    private abstract static class Told {
        @JsonValue
        abstract String text();
    }

    private abstract static class ToldDecision extends Told {
        @JsonCreator
        static Decision parse(String text) {
            return Decision.parse(text);
        }
    }

    private abstract static class ToldAt extends Told {
        @JsonCreator
        static Decision.At parse(String text) {
            return Decision.At.parse(text);
        }
    }

    private static final JsonMapper MAPPER = mapper();

    private RecordJson() {}

    private static JsonMapper mapper() {
        var builder = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
        for (var sealed : List.of(RunEvent.class, RunEvent.Outcome.class)) {
            builder.addMixIn(sealed, Named.class);
            for (var type : sealed.getPermittedSubclasses()) {
                builder.registerSubtypes(new NamedType(type, type.getSimpleName()));
            }
        }
        builder.addMixIn(Decision.class, ToldDecision.class);
        builder.addMixIn(Decision.At.class, ToldAt.class);
        return builder.build();
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String writePretty(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param optional fields that may be missing, because files of before have none; they are null then
     * @throws IllegalArgumentException saying what is wrong, as the rest of a sentence
     */
    static <T> T read(String json, Class<T> type, String... optional) {
        try {
            @Nullable
            T value = optional.length == 0
                    ? MAPPER.readValue(json, type)
                    : MAPPER.treeToValue(complete(MAPPER.readTree(json), optional), type);
            if (value == null) {
                throw new IllegalArgumentException(json.isBlank() ? "is empty" : "is null");
            }
            requireComplete(value);
            return value;
        } catch (InvalidTypeIdException e) {
            throw new IllegalArgumentException(
                    e.getTypeId() == null
                            ? "has no 'type'"
                            : "is of type '" + e.getTypeId() + "', which this version of Tiller does not know");
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException(
                    "has a field '" + e.getPropertyName() + "' that this version of Tiller does not know");
        } catch (JsonProcessingException e) {
            var message = e.getOriginalMessage();
            throw new IllegalArgumentException("is not readable ("
                    + (message == null
                            ? "no reason given"
                            : message.lines().findFirst().orElse("")) + ")");
        }
    }

    private static JsonNode complete(JsonNode read, String... optional) {
        if (read instanceof ObjectNode object) {
            Arrays.stream(optional).filter(name -> !object.has(name)).forEach(object::putNull);
        }
        return read;
    }

    /** Jackson lets a component of reference type be null; only {@code @Nullable} ones may. */
    private static void requireComplete(Object value) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, part) -> requirePresent(String.valueOf(key), part));
        } else if (value instanceof List<?> list) {
            list.forEach(part -> requirePresent("element", part));
        } else if (value.getClass().isRecord()) {
            for (var component : value.getClass().getRecordComponents()) {
                var part = get(component, value);
                if (part != null || !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    requirePresent(component.getName(), part);
                }
            }
        }
    }

    private static void requirePresent(String name, @Nullable Object part) {
        if (part == null) {
            throw new IllegalArgumentException("has no value for '" + name + "'");
        }
        requireComplete(part);
    }

    private static @Nullable Object get(RecordComponent component, Object owner) {
        try {
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
