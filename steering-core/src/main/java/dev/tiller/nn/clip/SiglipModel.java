// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.Embedding;
import dev.tiller.nn.EncoderLayer.Attention;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.PatchEmbedding;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * SigLIP (Zhai et al. 2023, arXiv:2303.15343; SiglipModel): the towers of CLIP without class token and causal mask,
 * pictures pooled by attention, texts at their last token, which padding moves to the end. The logit is scale times
 * cosine plus bias, and its sigmoid the probability that text and picture belong together.
 */
public final class SiglipModel implements PictureTextModel {
    private final Text text;
    private final Vision vision;
    private final double scale;
    private final double bias;
    private final Scope weights;

    private SiglipModel(Weights root, ModelConfig options, DType maps, Scope weights) {
        var textOptions = options.section("text_config");
        var visionOptions = options.section("vision_config");
        options.only("model_type", "siglip");
        options.inert("architectures", "dtype", "initializer_factor", "torch_dtype", "transformers_version");
        options.refuseOthers();
        this.text = new Text(root.at("text_model"), textOptions);
        this.vision = new Vision(root.at("vision_model"), visionOptions, maps);
        this.scale = Math.exp(root.get("logit_scale").toDoubles()[0]);
        this.bias = root.get("logit_bias").toDoubles()[0];
        this.weights = weights;
    }

    /** Builds both towers in the type and on the device that the weights were opened for. */
    public static SiglipModel load(Weights weights, ModelConfig config) {
        return load(weights, config, weights.dtype());
    }

    /** As {@link #load(Weights, ModelConfig)}, but the linear maps of the picture tower's layers in a type of their own. */
    static SiglipModel load(Weights weights, ModelConfig config, DType maps) {
        return Scope.holding(scope -> new SiglipModel(weights, config.fresh(), maps, scope));
    }

    /**
     * Loads the model of a folder that holds {@code config.json} and weights.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static SiglipModel load(Path folder, DType type, Device device) {
        var config = ModelConfig.read(folder.resolve("config.json"));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), type, device)) {
            return load(weights, config);
        }
    }

    private static final class Text {
        private final Embedding tokens;
        private final Tensor positions;
        private final Encoder encoder;
        private final LayerNorm norm;
        private final Linear head;

        Text(Weights root, ModelConfig options) {
            var config = TowerConfig.ofSiglip(options);
            int vocabulary = options.integer("vocab_size", 32000);
            int length = options.integer("max_position_embeddings", 64);
            options.inert("bos_token_id", "eos_token_id", "pad_token_id", "projection_size");
            options.refuseOthers();
            this.tokens = new Embedding(root.at("embeddings").at("token_embedding"));
            this.positions = root.get("embeddings.position_embedding.weight");
            config.require(options.where(), "token embeddings", tokens.table(), vocabulary);
            config.require(options.where(), "position embeddings", positions, length);
            this.encoder = new Encoder(root.at("encoder"), config, root.dtype());
            this.norm = new LayerNorm(root.at("final_layer_norm"), config.eps());
            this.head = new Linear(root.at("head"));
        }

        Tensor apply(Tensor ids) {
            int length = ids.dim(1);
            if (ids.rank() != 2 || length > positions.size()) {
                throw new TillerException("The text encoder reads N×L tokens with L at most " + positions.size()
                        + ", but got " + ids + ": the tokenizer is not this model's.");
            }
            Tensor x = tokens.apply(ids.to(positions.device())).plus(positions.rows(0, length));
            Tensor last = norm.apply(encoder.apply(x, 0, encoder.layers(), Attention.FULL));
            return head.apply(last.slice(1, length - 1, length).reshape(ids.size(), -1));
        }
    }

    private static final class Vision {
        private final int imageSize;
        private final PatchEmbedding patches;
        private final Tensor positions;
        private final Encoder encoder;
        private final LayerNorm after;
        private final AttentionPooling head;

        Vision(Weights root, ModelConfig options, DType maps) {
            var config = TowerConfig.ofSiglip(options);
            this.imageSize = options.integer("image_size", 224);
            int patch = options.integer("patch_size", 16);
            options.only("num_channels", 3);
            options.only("vision_use_head", true);
            options.inert("projection_size");
            options.refuseOthers();
            if (patch < 1 || imageSize < patch) {
                throw new TillerException(
                        options.where() + ": patch_size " + patch + " does not fit image_size " + imageSize + ".");
            }
            var embeddings = root.at("embeddings");
            this.patches = new PatchEmbedding(embeddings.at("patch_embedding"), patch);
            this.positions = embeddings.get("position_embedding.weight");
            int side = imageSize / patch;
            config.require(options.where(), "position embeddings", positions, side * side);
            this.encoder = new Encoder(root.at("encoder"), config, maps);
            this.after = new LayerNorm(root.at("post_layernorm"), config.eps());
            this.head = new AttentionPooling(root.at("head"), config);
        }

        Tensor apply(Tensor pixels) {
            if (pixels.rank() != 4 || pixels.dim(1) != 3 || pixels.dim(2) != imageSize || pixels.dim(3) != imageSize) {
                throw new TillerException("The picture encoder reads N×3×" + imageSize + "×" + imageSize + ", but got "
                        + pixels + ": resize the pictures first.");
            }
            Tensor tokens = patches.apply(pixels.to(positions.device()).to(positions.dtype()));
            Tensor x = tokens.plus(positions);
            return head.apply(after.apply(encoder.apply(x, 0, encoder.layers(), Attention.FULL)));
        }
    }

    /** A learned query looks at all tokens, and a residual layer follows (MultiheadAttentionPoolingHead). */
    private static final class AttentionPooling {
        private final TowerConfig config;
        private final Tensor probe;
        private final Linear query;
        private final Linear keyValue;
        private final Linear out;
        private final LayerNorm norm;
        private final Linear fc1;
        private final Linear fc2;

        AttentionPooling(Weights root, TowerConfig config) {
            long c = config.width();
            this.config = config;
            this.probe = root.get("probe");
            Tensor weight = root.get("attention.in_proj_weight");
            Tensor shift = root.get("attention.in_proj_bias");
            this.query = new Linear(weight.slice(0, 0, c), shift.slice(0, 0, c));
            this.keyValue = new Linear(weight.slice(0, c, 3 * c), shift.slice(0, c, 3 * c));
            this.out = new Linear(root.at("attention").at("out_proj"));
            this.norm = new LayerNorm(root.at("layernorm"), config.eps());
            this.fc1 = new Linear(root.at("mlp").at("fc1"));
            this.fc2 = new Linear(root.at("mlp").at("fc2"));
        }

        /** N×L×C to N×C. */
        Tensor apply(Tensor x) {
            int n = x.size();
            Tensor q = query.apply(probe);
            Tensor keyValues = keyValue.apply(x);
            // One by one: on several threads the last bits of one query's answer hang on how many others are asked.
            var seen = new Tensor[n];
            Arrays.setAll(seen, i -> Kernels.crossAttention(q, keyValues.rows(i, i + 1), config.heads(), false));
            Tensor pooled = out.apply(Tensor.concat(0, seen));
            return fc2.applyOnto(config.act().apply(fc1.apply(norm.apply(pooled))), pooled)
                    .reshape(n, config.width());
        }
    }

    @Override
    public Tensor texts(Tensor ids) {
        try (var scope = Scope.open()) {
            return scope.keep(ClipModel.unit(text.apply(ids)));
        }
    }

    @Override
    public Tensor pictures(Tensor pixels) {
        try (var scope = Scope.open()) {
            return scope.keep(ClipModel.unit(vision.apply(pixels)));
        }
    }

    @Override
    public double scale() {
        return scale;
    }

    @Override
    public double bias() {
        return bias;
    }

    @Override
    public int imageSize() {
        return vision.imageSize;
    }

    @Override
    public long numbersPerPicture() {
        return (long) vision.positions.size() * vision.encoder.middle();
    }

    @Override
    public int length() {
        return text.positions.size();
    }

    @Override
    public void close() {
        weights.close();
    }
}
