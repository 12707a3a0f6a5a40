// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;

/**
 * Both towers of CLIP (CLIPModel) and the scale of their agreement: exp(logit_scale) times the cosine of a picture's and
 * a text's embedding. Keeps no state between calls, so several threads may use one; closing it frees its weights.
 */
public final class ClipModel implements PictureTextModel {
    private final ClipTextModel text;
    private final ClipVisionModel vision;
    private final double scale;

    private ClipModel(ClipTextModel text, ClipVisionModel vision, double scale) {
        this.text = text;
        this.vision = vision;
        this.scale = scale;
    }

    /** Builds both towers in the type and on the device that the weights were opened for. */
    public static ClipModel load(Weights weights, ModelConfig config) {
        return load(weights, config, weights.dtype());
    }

    /** As {@link #load(Weights, ModelConfig)}, but the linear maps of the picture tower's layers in a type of their own. */
    static ClipModel load(Weights weights, ModelConfig config, DType maps) {
        var options = config.fresh();
        var textOptions = tower(options, "text_config");
        var visionOptions = tower(options, "vision_config");
        options.only("model_type", "clip");
        options.inert(
                "architectures",
                "dtype",
                "initializer_factor",
                "logit_scale_init_value",
                "projection_dim",
                "tie_word_embeddings",
                "torch_dtype",
                "transformers_version");
        options.refuseOthers();
        var text = ClipTextModel.load(weights, textOptions);
        try (var logScale = weights.get("logit_scale")) {
            double scale = Math.exp(logScale.toDoubles()[0]);
            return new ClipModel(text, ClipVisionModel.load(weights, visionOptions, maps), scale);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    /** A *_config_dict is older than its *_config, and holds: what it leaves out has its default, as in transformers. */
    private static ModelConfig tower(ModelConfig options, String key) {
        var older = key + "_dict";
        options.inert(key, older);
        return options.section(options.has(older) ? older : key);
    }

    /**
     * Loads the model of a folder that holds {@code config.json} and weights.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static ClipModel load(Path folder, DType type, Device device) {
        var config = ModelConfig.read(folder.resolve("config.json"));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), type, device)) {
            return load(weights, config);
        }
    }

    public ClipTextModel text() {
        return text;
    }

    public ClipVisionModel vision() {
        return vision;
    }

    @Override
    public double scale() {
        return scale;
    }

    @Override
    public double bias() {
        return 0;
    }

    @Override
    public int imageSize() {
        return vision.imageSize();
    }

    @Override
    public long numbersPerPicture() {
        return vision.numbersPerPicture();
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public Tensor texts(Tensor ids) {
        try (var scope = Scope.open()) {
            return scope.keep(unit(text.embedding(ids)));
        }
    }

    @Override
    public Tensor pictures(Tensor pixels) {
        try (var scope = Scope.open()) {
            return scope.keep(unit(vision.embedding(pixels)));
        }
    }

    static Tensor unit(Tensor x) {
        return x.dividedBy(x.norm(1));
    }

    @Override
    public void close() {
        text.close();
        vision.close();
    }
}
