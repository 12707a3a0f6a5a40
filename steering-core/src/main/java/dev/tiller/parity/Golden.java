// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory of reference numbers: {@code meta.json} says what they are and how exact they are, {@code io.safetensors}
 * holds inputs and results, and files of a model or its configuration may lie beside them. A tensor is a result if it
 * has a tolerance.
 */
public final class Golden {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final String META = "meta.json";
    private static final String TENSORS = "io.safetensors";

    private final Path directory;
    private final JsonNode meta;
    private final SafeTensors tensors;
    private final Map<String, Tolerance> results;

    private Golden(Path directory, JsonNode meta, SafeTensors tensors, Map<String, Tolerance> results) {
        this.directory = directory;
        this.meta = meta;
        this.tensors = tensors;
        this.results = results;
    }

    /**
     * One call of the reference.
     *
     * @param prefix what the names of its tensors begin with, such as {@code a.} or nothing
     * @param function what was called, such as {@code unet}
     * @param inputs names without {@code prefix + "in."}
     * @param outputs names without {@code prefix + "out."}
     * @param scalars inputs that are no tensors, a JSON object
     */
    public record Case(String prefix, String function, List<String> inputs, List<String> outputs, JsonNode scalars) {}

    /** Whether a directory is one. */
    static boolean isAt(Path directory) {
        return Files.isRegularFile(directory.resolve(META)) && Files.isRegularFile(directory.resolve(TENSORS));
    }

    /**
     * Opens a directory.
     *
     * @throws TillerException if it cannot be read, or promises tensors that it does not hold
     */
    public static Golden read(Path directory) {
        var file = directory.resolve(META);
        JsonNode meta;
        try {
            meta = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new TillerException(file + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": a directory of reference numbers has one.", e);
        }
        var tensors = SafeTensors.open(directory.resolve(TENSORS));
        var results = new TreeMap<String, Tolerance>();
        for (var entry : meta.path("tolerance").properties()) {
            var atol = entry.getValue().path("atol");
            if (!atol.isNumber()) {
                throw new TillerException(file + " gives no atol for '" + entry.getKey() + "'.");
            }
            tensors.entry(entry.getKey());
            var rtol = entry.getValue().path("rtol").asDouble(0);
            results.put(entry.getKey(), new Tolerance(atol.doubleValue(), rtol));
        }
        if (results.isEmpty()) {
            throw new TillerException(file + " lists no result with a tolerance.");
        }
        return new Golden(directory, meta, tensors, results);
    }

    public Path directory() {
        return directory;
    }

    /** A file of the directory; it need not exist. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /** Everything that {@code meta.json} says. */
    public JsonNode meta() {
        return meta;
    }

    /** Its name within its family, such as {@code unet_sd15}. */
    public String name() {
        return meta.path("name").asText(directory.getFileName().toString());
    }

    /** What kind of reference it is: models, schedulers, pipelines, tokenizers, preprocess, fk, reno. */
    public String family() {
        return meta.path("family").asText("");
    }

    /** The reference's class, such as {@code diffusers.UNet2DConditionModel}. */
    public String className() {
        return meta.path("class_name").asText("");
    }

    /** The calls of the reference, if the family lists them. */
    public List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (var node : meta.path("cases")) {
            var prefix = node.path("prefix").asText();
            cases.add(new Case(
                    prefix.isEmpty() || prefix.endsWith(".") ? prefix : prefix + ".",
                    node.path("fn").asText(),
                    texts(node.path("inputs")),
                    texts(node.path("outputs")),
                    node.path("scalars")));
        }
        return List.copyOf(cases);
    }

    private static List<String> texts(JsonNode list) {
        var texts = new ArrayList<String>();
        list.forEach(node -> texts.add(node.asText()));
        return List.copyOf(texts);
    }

    /** The names of all tensors. */
    public Set<String> tensors() {
        return tensors.entries().keySet();
    }

    /** The names of the results, sorted, with their tolerances. */
    public Map<String, Tolerance> results() {
        return new LinkedHashMap<>(results);
    }

    /**
     * How exact a result must be.
     *
     * @throws TillerException if it is no result
     */
    public Tolerance tolerance(String name) {
        var tolerance = results.get(name);
        if (tolerance == null) {
            throw new TillerException(directory + " gives no tolerance for '" + name + "'.");
        }
        return tolerance;
    }

    public boolean has(String name) {
        return tensors.entries().containsKey(name);
    }

    /** The sizes of a tensor's dimensions. */
    public long[] shape(String name) {
        return tensors.entry(name).shape().clone();
    }

    /** A tensor's elements in row-major order, whatever its type. */
    public double[] doubles(String name) {
        return tensors.doubles(name);
    }

    /** A tensor's elements in row-major order, whatever its type. */
    public float[] floats(String name) {
        return tensors.floats(name);
    }

    /** The elements of an integer tensor in row-major order. */
    public long[] longs(String name) {
        return tensors.longs(name);
    }

    @Override
    public String toString() {
        return family() + "/" + name();
    }
}
