// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A diffusers folder's {@code model_index.json}: which parts the pipeline has, and of which classes. Parts that we do
 * not run are refused by name; a safety checker is left out, with a remark.
 *
 * @param pipeline the class of the pipeline
 * @param parts the classes of the parts by name, without those left out
 * @param zerosForEmpty whether no negative prompt is nothing at all, and not the empty text
 * @param remarks what the user should know
 */
public record ModelIndex(String pipeline, Map<String, String> parts, boolean zerosForEmpty, List<String> remarks) {
    private static final String SDXL = "StableDiffusionXLPipeline";
    private static final Set<String> ONE_ENCODER = Set.of("unet", "vae", "text_encoder", "tokenizer", "scheduler");
    private static final Set<String> TWO_ENCODERS = Stream.concat(
                    ONE_ENCODER.stream(), Stream.of("text_encoder_2", "tokenizer_2"))
            .collect(Collectors.toUnmodifiableSet());
    /** Pipelines and their parts. */
    private static final Map<String, Set<String>> PIPELINES = Map.of(
            "StableDiffusionPipeline", ONE_ENCODER, "LatentConsistencyModelPipeline", ONE_ENCODER, SDXL, TWO_ENCODERS);

    private static final Set<String> TOKENIZERS = Set.of("CLIPTokenizer", "CLIPTokenizerFast");
    private static final Map<String, Set<String>> CLASSES = Map.of(
            "unet", Set.of("UNet2DConditionModel"),
            "vae", Set.of("AutoencoderKL", "AutoencoderTiny"),
            "text_encoder", Set.of("CLIPTextModel"),
            "text_encoder_2", Set.of("CLIPTextModelWithProjection"),
            "tokenizer", TOKENIZERS,
            "tokenizer_2", TOKENIZERS);
    private static final Set<String> LIBRARIES = Set.of("diffusers", "transformers");
    private static final Set<String> SAFETY = Set.of("safety_checker", "feature_extractor");

    /** The parts that have weights, in a fixed order. */
    List<String> weighted() {
        return Stream.of("text_encoder", "text_encoder_2", "unet", "vae")
                .filter(parts::containsKey)
                .toList();
    }

    /**
     * Reads and checks it.
     *
     * @throws TillerException if the folder is no diffusers checkpoint, or one of a kind that is not supported
     */
    public static ModelIndex read(Path folder) {
        var file = folder.resolve("model_index.json");
        if (!Files.isRegularFile(file)) {
            throw new TillerException("The folder " + folder
                    + " is no diffusers checkpoint: it has no model_index.json. (Single-file checkpoints are to be"
                    + " converted to the diffusers layout first.)");
        }
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new TillerException("The file " + file + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
        var pipeline = json.path("_class_name").asText();
        var wanted = PIPELINES.get(pipeline);
        if (wanted == null) {
            throw new TillerException("The checkpoint " + folder + " is a "
                    + (pipeline.isEmpty() ? "thing without a class name" : pipeline)
                    + ", which is not supported; supported are "
                    + String.join(", ", PIPELINES.keySet().stream().sorted().toList()) + ".");
        }
        var parts = new LinkedHashMap<String, String>();
        var remarks = new ArrayList<String>();
        for (var property : json.properties()) {
            var name = property.getKey();
            var type = property.getValue().path(1).asText("");
            var classes = CLASSES.getOrDefault(name, Set.of());
            if (!property.getValue().isArray() || property.getValue().path(1).isNull()) {
                continue;
            }
            if (SAFETY.contains(name)) {
                if (name.equals("safety_checker")) {
                    remarks.add("The checkpoint's safety checker is not run.");
                }
            } else if (!LIBRARIES.contains(property.getValue().path(0).asText())) {
                throw new TillerException(
                        "The checkpoint " + folder + " has as its " + name + " a " + type + " of its own ("
                                + property.getValue().path(0).asText() + "), and code in checkpoints is not run.");
            } else if (name.equals("scheduler")) {
                parts.put(name, type);
            } else if (!wanted.contains(name)) {
                throw new TillerException("The checkpoint " + folder + " has a part '" + name + "' (" + type
                        + "), which is not supported.");
            } else if (!classes.contains(type)) {
                throw new TillerException("The checkpoint " + folder + " has as its " + name + " a " + type
                        + ", which is not supported; supported: "
                        + String.join(", ", classes.stream().sorted().toList()) + ".");
            } else {
                parts.put(name, type);
            }
        }
        for (var part : new TreeSet<>(wanted)) {
            if (!parts.containsKey(part)) {
                throw new TillerException(
                        "The checkpoint " + folder + " names no " + part + " in its model_index.json.");
            }
        }
        boolean zerosForEmpty = pipeline.equals(SDXL)
                && json.path("force_zeros_for_empty_prompt").asBoolean(true);
        return new ModelIndex(pipeline, parts, zerosForEmpty, List.copyOf(remarks));
    }
}
