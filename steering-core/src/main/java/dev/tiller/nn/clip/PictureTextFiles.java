// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds out which kind of model a folder or file holds: CLIP or SigLIP of transformers, or CLIP of open_clip. */
public final class PictureTextFiles {
    private static final String CONFIG = "config.json";
    private static final String OPEN_CLIP_CONFIG = "open_clip_config.json";
    private static final List<String> OPEN_CLIP_WEIGHTS = List.of(
            "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin");

    private PictureTextFiles() {}

    /**
     * The files that a model's weights are read from; two models with the same are the same model.
     *
     * @param source a folder, or a single file of weights in open_clip's layout
     */
    public static WeightFiles weights(Path source) {
        if (Files.isRegularFile(source)) {
            return WeightFiles.of(source);
        }
        for (var name : OPEN_CLIP_WEIGHTS) {
            if (Files.isRegularFile(source.resolve(name))
                    && !Files.isRegularFile(source.resolve("model.safetensors"))) {
                return WeightFiles.of(source.resolve(name));
            }
        }
        return WeightFiles.in(source);
    }

    /**
     * Loads it.
     *
     * @param source a folder, or a single file of weights in open_clip's layout
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static PictureTextModel load(Path source, DType type, Device device) {
        return load(source, type, type, device);
    }

    /**
     * As {@link #load(Path, DType, Device)}, with another type for the linear maps of the picture tower's layers, which is
     * where the time goes: what they read and give is rounded to it, and all else is computed in {@code type}.
     */
    public static PictureTextModel load(Path source, DType type, DType maps, Device device) {
        try (var weights = MappedWeights.open(weights(source), type, device)) {
            if (OpenClip.spells(weights)) {
                var file = source.resolve(OPEN_CLIP_CONFIG);
                var config = Files.isRegularFile(file)
                        ? OpenClip.config(ModelConfig.read(file))
                        : OpenClip.guess(source.toString(), weights);
                return ClipModel.load(OpenClip.asTransformers(weights), config, maps);
            }
            var config = ModelConfig.read(source.resolve(CONFIG));
            return config.text("model_type", "clip").equals("siglip")
                    ? SiglipModel.load(weights, config, maps)
                    : ClipModel.load(weights, config, maps);
        }
    }
}
