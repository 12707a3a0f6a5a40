// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.CrossAttention;
import dev.tiller.nn.GroupNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.TimestepEmbedding;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A UNet2DConditionModel: predicts, from noisy latents, the time and a prompt, the noise (or v, or x₀: that is the
 * scheduler's concern).
 *
 * <p>A forward pass keeps no state, so several threads may use one network at once. Closing it frees its weights.
 */
public final class UNet implements AutoCloseable {
    private final UNetConfig config;
    private final DType dtype;
    private final Scope weights;
    private final long parameters;

    private final Conv2d convIn;
    private final TimestepEmbedding time;
    private final @Nullable TimestepEmbedding sizes;
    private final Linear times;
    private final List<DownBlock> down = new ArrayList<>();
    private final @Nullable MiddleBlock middle;
    private final List<UpBlock> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final List<CrossAttention> readers = new ArrayList<>();

    private UNet(Weights w, UNetConfig config, Scope weights) {
        this.config = config;
        this.dtype = w.dtype();
        this.weights = weights;
        var projections = new TimeProjections();
        this.convIn = Conv2d.same(w.at("conv_in"));
        this.time = new TimestepEmbedding(w.at("time_embedding"));
        this.sizes = config.sizeChannels() > 0 ? new TimestepEmbedding(w.at("add_embedding")) : null;
        for (int level = 0; level < config.levels(); level++) {
            down.add(new DownBlock(w.at("down_blocks").at(level), config, level, projections, readers));
        }
        this.middle = config.middle() ? new MiddleBlock(w.at("mid_block"), config, projections, readers) : null;
        for (int i = 0; i < config.levels(); i++) {
            up.add(new UpBlock(w.at("up_blocks").at(i), config, i, projections, readers));
        }
        this.normOut = new GroupNorm(w.at("conv_norm_out"), config.groups(), config.eps());
        this.convOut = Conv2d.same(w.at("conv_out"));
        this.times = projections.joined();
        this.parameters = weights.elements();
    }

    /**
     * Builds the network from a checkpoint, in the type and on the device that the weights were opened for.
     *
     * @throws TillerException if a weight is missing, or is not what the configuration asks for
     */
    public static UNet load(Weights weights, UNetConfig config) {
        UNetShapes.require(weights, config);
        return Scope.holding(scope -> new UNet(weights, config, scope));
    }

    public UNetConfig config() {
        return config;
    }

    /** The numbers that were learnt. */
    public long parameters() {
        return parameters;
    }

    /** The prompt of SD1.x and 2.x: the text encoder's output, R×tokens×contextChannels. */
    public Conditioning prepare(Tensor encoderHiddenStates) {
        return prepare(new Prompt(encoderHiddenStates, null, null, null));
    }

    /**
     * Works out everything that depends on the prompt alone: keys and values of every cross-attention, and the parts of
     * the time embedding that are not time. To be used at every step, and closed.
     *
     * @throws TillerException if the prompt has not the parts or the width that this network asks for
     */
    public Conditioning prepare(Prompt prompt) {
        check(prompt);
        return Scope.holding(scope -> {
            Map<CrossAttention, Tensor> keyValues = new HashMap<>();
            Tensor size;
            Tensor guidance;
            try (var temporary = Scope.open()) {
                Tensor context = prompt.encoderHiddenStates().to(dtype);
                for (CrossAttention reader : readers) {
                    keyValues.put(reader, temporary.keep(reader.prepare(context)));
                }
                size = sizes == null ? null : temporary.keep(embedSizes(sizes, prompt));
                guidance = prompt.guidance() == null
                        ? null
                        : temporary.keep(prompt.guidance().to(dtype).copy());
            }
            return new Conditioning(prompt.encoderHiddenStates().size(), keyValues, size, guidance, scope);
        });
    }

    /** SDXL: the pooled text embedding and six sinusoids of sizes and crops, through an MLP. */
    private Tensor embedSizes(TimestepEmbedding mlp, Prompt prompt) {
        Tensor pooled = present(prompt.pooled());
        Tensor numbers = present(prompt.timeIds());
        int rows = numbers.size();
        Tensor sinusoids = Kernels.sinusoid(
                numbers.reshape(-1), config.sizeChannels(), config.cosineFirst(), config.frequencyShift(), 1);
        return mlp.apply(
                Tensor.concat(1, pooled.to(dtype), sinusoids.reshape(rows, -1).to(dtype)), null);
    }

    private void check(Prompt prompt) {
        Tensor context = prompt.encoderHiddenStates();
        if (context.rank() != 3 || context.dim(2) != config.contextChannels()) {
            throw new TillerException("The UNet reads text embeddings R×tokens×" + config.contextChannels()
                    + ", but the text encoder gives " + context + ": they are not of one model.");
        }
        if (prompt.guidance() != null && config.guidanceChannels() == 0) {
            throw new TillerException("This UNet takes no guidance embedding: it is not an LCM.");
        }
        boolean pooled = prompt.pooled() != null && prompt.timeIds() != null;
        if (pooled != (sizes != null)) {
            throw new TillerException(
                    pooled
                            ? "This UNet takes no pooled text embedding and no sizes: it is not an SDXL network."
                            : "This UNet is an SDXL network: it needs a pooled text embedding and sizes.");
        }
    }

    /**
     * The prediction.
     *
     * @param sample N×inChannels×H×W
     * @param timesteps training times (may be fractional), one for all rows or N
     * @param prompt R rows, of which N is a multiple: rows 0 to N/R − 1 of the sample follow its first row, and so on
     * @return N×outChannels×H×W, in the sample's type
     */
    public Tensor forward(Tensor sample, Tensor timesteps, Conditioning prompt) {
        check(sample, timesteps, prompt);
        try (var scope = Scope.open()) {
            var step = new Step(times.apply(embedTime(timesteps, prompt, sample.size())), prompt);
            var skips = new ArrayDeque<Tensor>();
            Tensor x = Recording.block(() -> convIn.apply(inLayout(sample.to(dtype))));
            skips.push(x);
            for (DownBlock block : down) {
                x = block.apply(x, step, skips);
            }
            if (middle != null) {
                x = middle.apply(x, step);
            }
            for (UpBlock block : up) {
                x = block.apply(x, step, skips);
            }
            Tensor last = x;
            return scope.keep(
                    Recording.block(() -> convOut.apply(normOut.silu(last)).to(sample.dtype())));
        }
    }

    /**
     * Channels-last, where that is faster: convolutions on packed weights and the transformers' tokens gain by it, but
     * group normalisation of small pictures is slow in it, unless groups have enough channels for a vector register.
     */
    private Tensor inLayout(Tensor x) {
        if (!Packed.supports(x)) {
            return x;
        }
        for (int level = 0; level < config.levels(); level++) {
            int pixels = (x.dim(2) >> level) * (x.dim(3) >> level);
            if (pixels < 1024 && config.channels()[level] / config.groups() < 8) {
                return x;
            }
        }
        return Kernels.channelsLast(x);
    }

    /** silu of the time embedding, 1×C if it is the same for all rows, else N×C. */
    private Tensor embedTime(Tensor timesteps, Conditioning prompt, int rows) {
        Tensor t = timesteps.reshape(-1).to(convIn.device());
        Tensor sinusoid = Kernels.sinusoid(t, config.channels()[0], config.cosineFirst(), config.frequencyShift(), 1)
                .to(dtype);
        Tensor embedding = time.apply(sinusoid, prompt.guidance == null ? null : spread(prompt.guidance, rows));
        if (prompt.size != null) {
            embedding = embedding.plus(spread(prompt.size, rows));
        }
        return Kernels.silu(embedding);
    }

    /** Each of R rows N/R times; a single row stays one. */
    private static Tensor spread(Tensor x, int rows) {
        int r = x.size();
        return r == 1 ? x : x.reshape(r, 1, -1).expand(r, rows / r, x.dim(1)).reshape(rows, -1);
    }

    private void check(Tensor sample, Tensor timesteps, Conditioning prompt) {
        if (sample.rank() != 4 || sample.dim(1) != config.inChannels()) {
            throw new IllegalArgumentException("the UNet reads N×" + config.inChannels() + "×H×W, not " + sample);
        }
        if (timesteps.elements() != 1 && timesteps.elements() != sample.size()) {
            throw new IllegalArgumentException(timesteps.elements() + " times for " + sample.size() + " rows");
        }
        if (sample.size() % prompt.rows() != 0) {
            throw new IllegalArgumentException(sample.size() + " rows for " + prompt.rows() + " prompts");
        }
    }

    private static Tensor present(@Nullable Tensor tensor) {
        if (tensor == null) {
            throw new IllegalStateException("checked before");
        }
        return tensor;
    }

    @Override
    public void close() {
        weights.close();
    }

    /**
     * What a prompt is before the network has seen it.
     *
     * @param encoderHiddenStates R×tokens×C
     * @param guidance an LCM's embedding of the guidance scale, R×guidanceChannels, or null
     * @param pooled SDXL's pooled text embedding, R×C, or null
     * @param timeIds SDXL's six numbers (original size, crop, target size), R×6, or null
     */
    public record Prompt(
            Tensor encoderHiddenStates,
            @Nullable Tensor guidance,
            @Nullable Tensor pooled,
            @Nullable Tensor timeIds) {}

    /** A prompt as this network uses it: made once by {@link #prepare}, used at every step, then closed. */
    public static final class Conditioning implements AutoCloseable {
        private final int rows;
        private final Map<CrossAttention, Tensor> keyValues;
        private final @Nullable Tensor size;
        private final @Nullable Tensor guidance;
        private final Scope tensors;

        private Conditioning(
                int rows,
                Map<CrossAttention, Tensor> keyValues,
                @Nullable Tensor size,
                @Nullable Tensor guidance,
                Scope tensors) {
            this.rows = rows;
            this.keyValues = keyValues;
            this.size = size;
            this.guidance = guidance;
            this.tensors = tensors;
        }

        /** The number R of prompts. */
        public int rows() {
            return rows;
        }

        Tensor keyValue(CrossAttention reader) {
            Tensor keyValue = keyValues.get(reader);
            if (keyValue == null) {
                throw new IllegalArgumentException("the prompt was prepared by another network");
            }
            return keyValue;
        }

        @Override
        public void close() {
            tensors.close();
        }
    }
}
