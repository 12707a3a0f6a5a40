// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tiller.method.RunPlan;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a user says of a benchmark, on the command line or in a file; what is not said is null.
 *
 * @param suite its name or file
 * @param methods each perhaps with options, as {@code fk(lambda=10)}
 * @param particles levels of compute: how many times what a plain picture costs
 * @param images of each prompt and cell
 * @param seed of everything
 * @param judges rewards that steer nothing
 * @param detector who finds the objects that rules speak of, as {@code detr(path=FOLDER)}
 * @param first only so many prompts of each category
 * @param options of all runs, by the names of {@code tiller run}
 */
public record BenchSettings(
        @Nullable String suite,
        @Nullable List<String> methods,
        @Nullable List<Integer> particles,
        @Nullable Integer images,
        @Nullable Long seed,
        @Nullable List<String> judges,
        @Nullable String detector,
        @Nullable Integer first,
        @Nullable Map<String, Object> options) {
    /** Nothing said. */
    public static final BenchSettings NONE = new BenchSettings(null, null, null, null, null, null, null, null, null);

    /**
     * Reads a file in YAML or, if its name ends in {@code .json}, in JSON; its keys are the components of this record.
     *
     * @throws TillerException if it cannot be read, or says something else
     */
    public static BenchSettings read(Path file) {
        try {
            var text = Files.readString(file);
            var builder = file.toString().toLowerCase(Locale.ROOT).endsWith(".json")
                    ? JsonMapper.builder()
                    : YAMLMapper.builder();
            var settings = builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .build()
                    .readValue(text.startsWith("\uFEFF") ? text.substring(1) : text, BenchSettings.class);
            if (settings == null) {
                throw new TillerException("The plan " + file + " is empty.");
            }
            settings.requireNoGaps(file);
            return settings;
        } catch (MismatchedInputException e) {
            var path = e.getPath().isEmpty()
                    ? "its content, which should be one list of keys with their values,"
                    : "'" + e.getPath().get(0).getFieldName() + "'";
            throw new TillerException(
                    "In the plan " + file + " " + path
                            + " is not understood; it may say suite, methods, particles, images, seed, judges, detector, first and options.",
                    e);
        } catch (JsonProcessingException e) {
            throw new TillerException(
                    "The plan " + file + " cannot be read: "
                            + e.getOriginalMessage().strip().replaceAll("\\s+", " ") + ".",
                    e);
        } catch (IOException e) {
            throw new TillerException("Cannot read the plan " + file + "; does it exist?", e);
        }
    }

    private void requireNoGaps(Path file) {
        Map<String, Collection<?>> said = new LinkedHashMap<>();
        said.put("methods", methods == null ? List.of() : methods);
        said.put("particles", particles == null ? List.of() : particles);
        said.put("judges", judges == null ? List.of() : judges);
        said.put("options", options == null ? List.of() : options.values());
        said.forEach((name, values) -> {
            if (values.stream().anyMatch(Objects::isNull)) {
                throw new TillerException("In the plan " + file + " one of '" + name + "' has no value.");
            }
        });
    }

    /** The items of a list, at commas outside of parentheses. */
    public static List<String> separated(String list) {
        var items = new ArrayList<String>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                items.add(list.substring(begin, i).strip());
                begin = i + 1;
            }
        }
        items.add(list.substring(begin).strip());
        return items;
    }

    /** These, and where they say nothing, what the others say. */
    public BenchSettings or(BenchSettings others) {
        var both = new LinkedHashMap<String, Object>();
        if (others.options != null) {
            both.putAll(others.options);
        }
        if (options != null) {
            both.putAll(options);
        }
        return new BenchSettings(
                suite != null ? suite : others.suite,
                methods != null ? methods : others.methods,
                particles != null ? particles : others.particles,
                images != null ? images : others.images,
                seed != null ? seed : others.seed,
                judges != null ? judges : others.judges,
                detector != null ? detector : others.detector,
                first != null ? first : others.first,
                both);
    }

    /**
     * The plan that this is: by default best-of-n and FK beside the plain model on {@code scenes}, with 4 particles, 4
     * images and seed 0. What all runs hold out is a judge, too.
     *
     * @throws TillerException if a suite, method or option does not exist
     */
    public BenchPlan plan() {
        var prompts = Suite.named(suite != null ? suite : "scenes");
        var measured = Cells.of(
                methods != null ? methods : List.of(Cell.BASE, Cell.BEST_OF_N, "fk"),
                particles != null ? particles : List.of(4),
                options != null ? options : Map.of());
        var lookingOn = new ArrayList<String>(judges != null ? judges : List.of());
        if (options != null
                && options.get(RunPlan.HOLD_OUT.name()) instanceof String heldOut
                && !heldOut.isBlank()
                && !lookingOn.contains(heldOut)) {
            lookingOn.add(heldOut);
        }
        return new BenchPlan(
                first == null ? prompts : prompts.first(first),
                measured.plain(),
                measured.cells(),
                images != null ? images : 4,
                seed != null ? seed : 0,
                lookingOn,
                detector != null ? detector : "");
    }
}
