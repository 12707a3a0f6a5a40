// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.blip;

import dev.tiller.nn.Activation;
import dev.tiller.nn.EncoderLayer;
import dev.tiller.nn.EncoderLayer.Attention;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.PatchEmbedding;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/** BLIP's picture tower (BlipVisionModel): a transformer over a class token and patches, normalised at its end. */
final class BlipVision {
    private final int imageSize;
    private final int width;
    private final Tensor classToken;
    private final PatchEmbedding patches;
    private final Tensor positions;
    private final List<EncoderLayer> layers;
    private final LayerNorm after;

    /** @param maps the type of its layers' linear maps, see {@link EncoderLayer} */
    BlipVision(Weights root, ModelConfig options, DType maps) {
        this.imageSize = options.integer("image_size", 384);
        this.width = options.integer("hidden_size", 768);
        int patch = options.integer("patch_size", 16);
        int heads = options.integer("num_attention_heads", 12);
        double eps = options.number("layer_norm_eps", 1e-5);
        options.only("hidden_act", "gelu");
        options.only("num_channels", 3);
        options.inert("attention_dropout", "dropout", "dtype", "initializer_range", "intermediate_size", "model_type");
        options.inert("projection_dim", "torch_dtype", "transformers_version", "architectures", "initializer_factor");
        var all = root.at("encoder").at("layers");
        this.layers = IntStream.range(0, options.integer("num_hidden_layers", 12))
                .mapToObj(i -> layer(all.at(i), all.at(i).in(maps), heads, eps))
                .toList();
        options.refuseOthers();
        var embeddings = root.at("embeddings");
        this.classToken = embeddings.get("class_embedding");
        this.patches = new PatchEmbedding(embeddings.at("patch_embedding"), patch);
        this.positions = embeddings.get("position_embedding");
        int side = imageSize / Math.max(1, patch);
        if (positions.dim(-1) != width
                || positions.elements() != ((long) side * side + 1) * width
                || width % heads != 0) {
            throw new TillerException(
                    options.where() + " does not fit the picture tower's weights: the two do not belong together.");
        }
        this.after = new LayerNorm(root.at("post_layernorm"), eps);
    }

    private static EncoderLayer layer(Weights norms, Weights maps, int heads, double eps) {
        return new EncoderLayer(
                new LayerNorm(norms.at("layer_norm1"), eps),
                new LayerNorm(norms.at("layer_norm2"), eps),
                new Linear(maps.at("self_attn").at("qkv")),
                new Linear(maps.at("self_attn").at("projection")),
                new Linear(maps.at("mlp").at("fc1")),
                new Linear(maps.at("mlp").at("fc2")),
                Activation.GELU,
                heads);
    }

    int imageSize() {
        return imageSize;
    }

    /** pixels N×3×H×W to N×L×C, the class token first. */
    Tensor apply(Tensor pixels) {
        if (pixels.rank() != 4 || pixels.dim(1) != 3 || pixels.dim(2) != imageSize || pixels.dim(3) != imageSize) {
            throw new TillerException("The picture encoder reads N×3×" + imageSize + "×" + imageSize + ", but got "
                    + pixels + ": resize the pictures first.");
        }
        try (var scope = Scope.open()) {
            Tensor tokens = patches.apply(pixels.to(positions.device()).to(positions.dtype()));
            Tensor first = classToken.reshape(1, 1, width).expand(pixels.size(), 1, width);
            Tensor x = Tensor.concat(1, first, tokens).plus(positions.reshape(1, -1, width));
            for (var layer : layers) {
                Tensor given = x;
                x = layer.apply(given, Attention.FULL);
                given.close();
            }
            return scope.keep(after.apply(x));
        }
    }
}
