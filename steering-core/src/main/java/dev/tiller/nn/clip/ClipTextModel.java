// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.Embedding;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
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
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's text tower (CLIPTextModel, CLIPTextModelWithProjection): a causal transformer over token and position
 * embeddings. Keeps no state between calls, so several threads may use one; closing it frees its weights.
 */
public final class ClipTextModel implements AutoCloseable {
    private final TowerConfig config;
    private final Pooling pooling;
    private final Embedding tokens;
    private final Tensor positions;
    private final Encoder encoder;
    private final LayerNorm norm;
    private final @Nullable Linear projection;
    private final Scope weights;

    /**
     * What the tower says about N texts of L tokens.
     *
     * @param last N×L×C, after the last layer and the final normalisation
     * @param skipped N×L×C, before the skipped layers, not normalised
     * @param pooled N×C, {@code last} at each text's end token
     * @param embedding N×P, {@code pooled} in the space shared with pictures, if the model has a projection
     */
    public record States(Tensor last, Tensor skipped, Tensor pooled, Optional<Tensor> embedding) {}

    private ClipTextModel(Weights root, ModelConfig config, Scope weights) {
        this.config = TowerConfig.of(config, 512, 8);
        this.pooling = Pooling.of(config);
        int vocabulary = config.integer("vocab_size", 49408);
        int length = config.integer("max_position_embeddings", 77);
        config.inert("bos_token_id", "pad_token_id");
        config.refuseOthers();
        // transformers 5 saves a lone text model without the prefix
        var tower = root.has("text_model.final_layer_norm.weight") ? root.at("text_model") : root;
        this.tokens = new Embedding(tower.at("embeddings").at("token_embedding"));
        this.positions = tower.get("embeddings.position_embedding.weight");
        this.config.require(config.where(), "token embeddings", tokens.table(), vocabulary);
        this.config.require(config.where(), "position embeddings", positions, length);
        this.encoder = new Encoder(tower.at("encoder"), this.config, root.dtype());
        this.norm = new LayerNorm(tower.at("final_layer_norm"), this.config.eps());
        this.projection = root.has("text_projection.weight") ? new Linear(root.at("text_projection")) : null;
        this.weights = weights;
    }

    /** Builds the tower in the type and on the device that the weights were opened for. */
    public static ClipTextModel load(Weights weights, ModelConfig config) {
        return Scope.holding(scope -> new ClipTextModel(weights, config.fresh(), scope));
    }

    /**
     * Loads the tower of a folder that holds {@code config.json} and weights.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static ClipTextModel load(Path folder, DType type, Device device) {
        var config = ModelConfig.read(folder.resolve("config.json"));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), type, device)) {
            return load(weights, config);
        }
    }

    /** The number of transformer layers. */
    public int layers() {
        return config.layers();
    }

    /** The size of a token's state. */
    public int width() {
        return config.width();
    }

    /** The most tokens that a text may have. */
    public int length() {
        return positions.size();
    }

    /**
     * The states that a diffusion network is conditioned on: as {@code last} of {@link #forward}, without the last
     * {@code skip} layers ({@code clip_skip} of diffusers), which are not computed.
     *
     * @param ids N×L int64
     * @return N×L×C
     */
    public Tensor states(Tensor ids, int skip) {
        try (var scope = Scope.open()) {
            check(ids, ids.toLongs(), skip);
            return scope.keep(norm.apply(encoder.apply(embed(ids), 0, encoder.layers() - skip, Encoder.causal())));
        }
    }

    /**
     * The place of texts in the space shared with pictures, not normalised.
     *
     * @param ids N×L int64
     * @return N×P
     * @throws TillerException if the model has no projection
     */
    public Tensor embedding(Tensor ids) {
        try (var scope = Scope.open()) {
            return scope.keep(forward(ids, null, 0)
                    .embedding()
                    .orElseThrow(() -> new TillerException(
                            "This text encoder has no text_projection, so its texts cannot be compared with pictures;"
                                    + " give a CLIP model with both towers.")));
        }
    }

    /**
     * All that the tower says.
     *
     * @param ids N×L int64
     * @param mask N×L int64, 0 where no token may look, or null
     * @param skip how many of the last layers {@code skipped} goes without; 1 for the penultimate state
     * @throws TillerException if there are too many tokens, or one beyond the vocabulary
     */
    public States forward(Tensor ids, @Nullable Tensor mask, int skip) {
        try (var scope = Scope.open()) {
            long[] numbers = ids.toLongs();
            check(ids, numbers, skip);
            var attention = mask == null ? Encoder.causal() : Encoder.masked(visible(mask));
            int middle = encoder.layers() - skip;
            Tensor skipped = encoder.apply(embed(ids), 0, middle, attention);
            Tensor last = norm.apply(encoder.apply(skipped, middle, encoder.layers(), attention));
            Tensor pooled = last.reshape(-1, config.width()).gather(pooling.rows(numbers, ids.dim(1)));
            var embedding = Optional.ofNullable(projection).map(p -> scope.keep(p.apply(pooled)));
            return new States(scope.keep(last), scope.keep(skipped), scope.keep(pooled), embedding);
        }
    }

    /** The final normalisation, for states that are {@link States#skipped not normalised}. */
    public Tensor normalise(Tensor states) {
        return norm.apply(states);
    }

    private Tensor embed(Tensor ids) {
        return tokens.apply(ids.to(positions.device())).plus(positions.rows(0, ids.dim(1)));
    }

    private void check(Tensor ids, long[] numbers, int skip) {
        if (skip < 0 || skip >= encoder.layers()) {
            throw new TillerException("Cannot skip " + skip + " layers of a text encoder that has " + encoder.layers()
                    + ": give 0 to " + (encoder.layers() - 1) + ".");
        }
        if (ids.rank() != 2 || ids.dim(1) > length()) {
            throw new TillerException("The text encoder reads N×L tokens with L at most " + length() + ", but got "
                    + ids + ": the tokenizer is not this model's.");
        }
        int vocabulary = tokens.table().size();
        if (Arrays.stream(numbers).anyMatch(id -> id < 0 || id >= vocabulary)) {
            throw new TillerException("A token lies beyond the text encoder's vocabulary of " + vocabulary
                    + ": the tokenizer is not this model's.");
        }
    }

    /** N×1×L×L: 0 where a token looks, minus infinity at those after it and at masked ones. */
    private Tensor visible(Tensor mask) {
        int n = mask.size();
        int length = mask.dim(1);
        long[] open = mask.toLongs();
        var sees = new float[n * length * length];
        Arrays.fill(sees, Float.NEGATIVE_INFINITY);
        for (int row = 0; row < n; row++) {
            for (int i = 0; i < length; i++) {
                boolean blind = true;
                for (int j = 0; j <= i; j++) {
                    if (open[row * length + j] != 0 || (blind && j == i)) { // which sees nothing else
                        sees[(row * length + i) * length + j] = 0;
                        blind = false;
                    }
                }
            }
        }
        return Tensor.of(sees, n, 1, length, length).to(positions.dtype()).to(positions.device());
    }

    @Override
    public void close() {
        weights.close();
    }
}
