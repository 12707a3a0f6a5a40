// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensorsException.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The weights of one component of a checkpoint: one file, safetensors or of torch.save, or several with an index. */
public final class WeightFiles {
    private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");
    private static final List<String> VARIANTS = List.of("", ".fp16", ".bf16", ".non_ema");
    private static final List<String> PICKLED = List.of("diffusion_pytorch_model", "pytorch_model");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final List<Path> files;
    private final Map<String, Place> places;

    private WeightFiles(List<Path> files, Map<String, Place> places) {
        this.files = files;
        this.places = places;
    }

    /** In which file a tensor lies, and where. */
    public record Place(TensorFile file, TensorFile.Entry entry) {}

    /**
     * The weights in a folder that diffusers or transformers wrote: {@code diffusion_pytorch_model} or {@code model}, in
     * one file or with an index, full or as an fp16 variant; the full one is preferred. Pickled
     * weights ({@code .bin}) are read where there are no others, without running what is in them.
     *
     * @throws TillerException if there are none
     */
    public static WeightFiles in(Path folder) {
        for (var variant : VARIANTS) {
            for (var stem : STEMS) {
                var single = folder.resolve(stem + variant + ".safetensors");
                if (Files.isRegularFile(single)) {
                    return of(single);
                }
                for (var index : List.of(
                        stem + ".safetensors.index" + variant + ".json", stem + variant + ".safetensors.index.json")) {
                    if (Files.isRegularFile(folder.resolve(index))) {
                        return sharded(folder.resolve(index));
                    }
                }
            }
        }
        for (var variant : VARIANTS) {
            for (var stem : PICKLED) {
                var single = folder.resolve(stem + variant + ".bin");
                if (Files.isRegularFile(single)) {
                    return of(single);
                }
                var index = folder.resolve(stem + ".bin.index" + variant + ".json");
                if (Files.isRegularFile(index)) {
                    return sharded(index);
                }
            }
        }
        throw new TillerException("The folder " + folder
                + " has no weights: diffusion_pytorch_model.safetensors or model.safetensors is wanted.");
    }

    /** The weights of a single file. */
    public static WeightFiles of(Path file) {
        var open = open(file);
        var places = new LinkedHashMap<String, Place>();
        open.entries().forEach((name, entry) -> places.put(name, new Place(open, entry)));
        return new WeightFiles(List.of(file), places);
    }

    private static TensorFile open(Path file) {
        return TorchFile.isNamedSo(file) ? TorchFile.open(file) : SafeTensors.open(file);
    }

    private static WeightFiles sharded(Path index) {
        var files = new LinkedHashMap<String, TensorFile>();
        var places = new LinkedHashMap<String, Place>();
        var map = read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw broken(index, "has no weight_map");
        }
        for (var each : map.properties()) {
            var shard = each.getValue().asText();
            if (!each.getValue().isTextual() || !shard.matches("[\\w.-]+\\.(safetensors|bin)")) {
                throw broken(index, "names a file outside its folder or no file of weights: '" + shard + "'");
            }
            var file = files.computeIfAbsent(shard, s -> open(index.resolveSibling(s)));
            if (!file.entries().containsKey(each.getKey())) {
                throw broken(
                        index, "places the tensor '" + each.getKey() + "' in " + shard + ", which does not hold it");
            }
            places.put(each.getKey(), new Place(file, file.entry(each.getKey())));
        }
        for (var file : files.values()) {
            for (var name : file.entries().keySet()) {
                if (!places.containsKey(name) || places.get(name).file() != file) {
                    throw broken(
                            index,
                            "does not name the tensor '" + name + "' of "
                                    + file.file().getFileName() + ", or names it elsewhere");
                }
            }
        }
        var paths = new ArrayList<Path>();
        paths.add(index);
        files.values().forEach(f -> paths.add(f.file()));
        return new WeightFiles(List.copyOf(paths), places);
    }

    private static JsonNode read(Path index) {
        try {
            return JSON.readTree(Files.readAllBytes(index));
        } catch (JsonProcessingException e) {
            throw new SafeTensorsException(
                    Rule.INDEX, "The index " + index + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read the index " + index + ": " + e.getMessage() + ".", e);
        }
    }

    private static SafeTensorsException broken(Path index, String what) {
        return new SafeTensorsException(Rule.INDEX, "The index " + index + " " + what + ".");
    }

    /** The files read, the index first if there is one. */
    public List<Path> files() {
        return files;
    }

    /** The names of all tensors. */
    public Set<String> names() {
        return Collections.unmodifiableSet(places.keySet());
    }

    /**
     * Where a tensor lies.
     *
     * @throws TillerException if there is none of that name
     */
    public Place place(String name) {
        var place = places.get(name);
        if (place == null) {
            throw new TillerException("The weights in " + files.get(0) + " lack the tensor '" + name
                    + "': they belong to another architecture than the config says.");
        }
        return place;
    }
}
