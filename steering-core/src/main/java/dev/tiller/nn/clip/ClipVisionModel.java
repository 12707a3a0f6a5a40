// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.EncoderLayer.Attention;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.PatchEmbedding;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's picture tower (CLIPVisionModel, CLIPVisionModelWithProjection): a transformer over a class token and the
 * picture's patches. Keeps no state between calls, so several threads may use one; closing it frees its weights.
 */
public final class ClipVisionModel implements AutoCloseable {
    /** Tokens of the last layer that are written for the first one's sake: a product of one row is summed in another order. */
    private static final int FEW = 8;

    private final TowerConfig config;
    private final int imageSize;
    private final int patchSize;
    private final int channels;
    private final Tensor classToken;
    private final PatchEmbedding patches;
    private final Tensor positions;
    private final LayerNorm before;
    private final Encoder encoder;
    private final LayerNorm after;
    private final @Nullable Linear projection;
    private final Scope weights;

    /**
     * What the tower says about N pictures of L − 1 patches.
     *
     * @param last N×L×C, after the last layer, not normalised; the class token first
     * @param pooled N×C, the class token, normalised
     * @param embedding N×P, {@code pooled} in the space shared with texts, if the model has a projection
     */
    public record States(Tensor last, Tensor pooled, Optional<Tensor> embedding) {}

    private ClipVisionModel(Weights root, ModelConfig config, DType maps, Scope weights) {
        this.config = TowerConfig.of(config, 768, 12);
        this.imageSize = config.integer("image_size", 224);
        this.patchSize = config.integer("patch_size", 32);
        if (patchSize < 1 || imageSize < patchSize) {
            throw new TillerException(
                    config.where() + ": patch_size " + patchSize + " does not fit image_size " + imageSize + ".");
        }
        this.channels = config.integer("num_channels", 3);
        config.inert("bos_token_id", "eos_token_id", "pad_token_id");
        config.refuseOthers();
        var tower = root.has("vision_model.post_layernorm.weight") ? root.at("vision_model") : root;
        var embeddings = tower.at("embeddings");
        this.classToken = embeddings.get("class_embedding");
        this.patches = new PatchEmbedding(embeddings.at("patch_embedding"), patchSize);
        this.positions = embeddings.get("position_embedding.weight");
        int side = imageSize / patchSize;
        this.config.require(config.where(), "position embeddings", positions, side * side + 1);
        // the published keys have the misspelt name
        this.before = new LayerNorm(tower.at("pre_layrnorm"), this.config.eps());
        this.encoder = new Encoder(tower.at("encoder"), this.config, maps);
        this.after = new LayerNorm(tower.at("post_layernorm"), this.config.eps());
        this.projection = root.has("visual_projection.weight") ? new Linear(root.at("visual_projection")) : null;
        this.weights = weights;
    }

    /** Builds the tower in the type and on the device that the weights were opened for. */
    public static ClipVisionModel load(Weights weights, ModelConfig config) {
        return load(weights, config, weights.dtype());
    }

    /** As {@link #load(Weights, ModelConfig)}, but its layers' linear maps are computed in a type of their own. */
    static ClipVisionModel load(Weights weights, ModelConfig config, DType maps) {
        return Scope.holding(scope -> new ClipVisionModel(weights, config.fresh(), maps, scope));
    }

    /**
     * Loads the tower of a folder that holds {@code config.json} and weights.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static ClipVisionModel load(Path folder, DType type, Device device) {
        var config = ModelConfig.read(folder.resolve("config.json"));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), type, device)) {
            return load(weights, config);
        }
    }

    /** Width and height in pixels of the pictures that it reads. */
    public int imageSize() {
        return imageSize;
    }

    /** As {@link PictureTextModel#numbersPerPicture}. */
    long numbersPerPicture() {
        return (long) positions.size() * encoder.middle();
    }

    /**
     * The place of pictures in the space shared with texts, not normalised.
     *
     * @param pixels as for {@link #forward}
     * @return N×P
     * @throws TillerException if the model has no projection
     */
    public Tensor embedding(Tensor pixels) {
        try (var scope = Scope.open()) {
            if (projection == null) {
                throw new TillerException("This picture encoder has no visual_projection, so its pictures cannot be"
                        + " compared with texts; give a CLIP model with both towers.");
            }
            return scope.keep(projection.apply(pooled(encoder.first(embed(pixels), Math.min(FEW, positions.size())))));
        }
    }

    /**
     * All that the tower says.
     *
     * @param pixels N×C×H×W, C being num_channels (3 for pictures), {@link #imageSize} wide and high, of the mean and
     *     variance that the model was trained with
     * @throws TillerException if the pictures have another size
     */
    public States forward(Tensor pixels) {
        try (var scope = Scope.open()) {
            Tensor last = states(pixels);
            Tensor pooled = pooled(last);
            var embedding = Optional.ofNullable(projection).map(p -> scope.keep(p.apply(pooled)));
            return new States(scope.keep(last), scope.keep(pooled), embedding);
        }
    }

    /** After the last layer, N×L×C. */
    private Tensor states(Tensor pixels) {
        return encoder.apply(embed(pixels), 0, encoder.layers(), Attention.FULL);
    }

    /** Patches and class token with their positions, N×L×C. */
    private Tensor embed(Tensor pixels) {
        if (pixels.rank() != 4
                || pixels.dim(1) != channels
                || pixels.dim(2) != imageSize
                || pixels.dim(3) != imageSize) {
            throw new TillerException("The picture encoder reads N×" + channels + "×" + imageSize + "×" + imageSize
                    + ", but got " + pixels + ": resize the pictures first.");
        }
        Tensor tokens = patches.apply(pixels.to(positions.device()).to(positions.dtype()));
        Tensor first = classToken.reshape(1, 1, -1).expand(pixels.size(), 1, config.width());
        return before.apply(Tensor.concat(1, first, tokens).plus(positions));
    }

    /** The class token, N×C. */
    private Tensor pooled(Tensor last) {
        return after.apply(last.slice(1, 0, 1).reshape(last.size(), config.width()));
    }

    @Override
    public void close() {
        weights.close();
    }
}
