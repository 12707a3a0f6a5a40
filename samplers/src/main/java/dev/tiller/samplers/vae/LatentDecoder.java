// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.gradient.Pullback;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.nio.file.Path;

/**
 * The half of an autoencoder that turns latents into pictures. Keeps no state between calls, so several threads may use
 * one; closing it frees its weights.
 */
public final class LatentDecoder extends AutoencoderHalf {
    private LatentDecoder(Weights source, VaeConfig config, Scope weights) {
        super(config, source, stages(source, config), weights);
    }

    private static Stages stages(Weights source, VaeConfig config) {
        if (config instanceof VaeConfig.Kl kl) {
            return KlDecoder.stages(source, kl);
        } else if (config instanceof VaeConfig.Tiny tiny) {
            return TinyNetwork.decoder(source.at("decoder"), tiny);
        } else {
            throw new IllegalArgumentException("no decoder for " + config);
        }
    }

    /** Builds the decoder in the type and on the device that the weights were opened for. */
    public static LatentDecoder load(Weights weights, VaeConfig config) {
        return Scope.holding(scope -> new LatentDecoder(weights, config, scope));
    }

    /**
     * Loads the decoder of a folder that holds {@code config.json} and weights.
     *
     * @param type what the rest computes in; an autoencoder that overflows in float16 computes in float32
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static LatentDecoder load(Path folder, DType type, Device device) {
        return load(folder, type, device, LatentDecoder::load);
    }

    /**
     * Pictures of a sampler's latents.
     *
     * @param latents N×C×h×w on any device; kept by the caller
     * @return N pictures, {@link VaeConfig#pixelsPerLatent} times as wide and high
     */
    public Images decode(Tensor latents) {
        try (var scope = Scope.open()) {
            var z = latents.to(DType.FLOAT32).dividedBy(config().scale()).plus(config().shift());
            var raw = forward(z).to(DType.FLOAT32);
            return new Images(scope.keep(raw.dividedBy(2).plus(0.5).clamp(0, 1)));
        }
    }

    /** {@link #decode} as a differentiable map, N×C×h×w to N×3×H×W. */
    public Pullback<Tensor, Tensor> pullback(Checkpointing checkpointing) {
        return new RecordedMap(latents -> decode(latents).tensor(), checkpointing);
    }

    /**
     * The network alone.
     *
     * @param z N×C×h×w, neither scaled nor shifted
     * @return N×3×H×W, about −1 to 1, in the type that the network computes in
     */
    public Tensor forward(Tensor z) {
        if (z.rank() != 4 || z.dim(1) != config().latentChannels()) {
            throw new TillerException("The decoder reads N×" + config().latentChannels() + "×h×w latents, but got " + z
                    + ": it is not this model's.");
        }
        return run(z);
    }
}
