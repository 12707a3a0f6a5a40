// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.nio.file.Path;

/** The half of an autoencoder that turns pictures into latents. As {@link LatentDecoder}, it keeps no state. */
public final class LatentEncoder extends AutoencoderHalf {
    private LatentEncoder(Weights source, VaeConfig config, Scope weights) {
        super(config, source, stages(source, config), weights);
    }

    private static Stages stages(Weights source, VaeConfig config) {
        if (config instanceof VaeConfig.Kl kl) {
            return KlEncoder.stages(source, kl);
        } else if (config instanceof VaeConfig.Tiny tiny) {
            return TinyNetwork.encoder(source.at("encoder"), tiny);
        } else {
            throw new IllegalArgumentException("no encoder for " + config);
        }
    }

    /** Builds the encoder in the type and on the device that the weights were opened for. */
    public static LatentEncoder load(Weights weights, VaeConfig config) {
        return Scope.holding(scope -> new LatentEncoder(weights, config, scope));
    }

    /** As {@link LatentDecoder#load(Path, DType, Device)}. */
    public static LatentEncoder load(Path folder, DType type, Device device) {
        return load(folder, type, device, LatentEncoder::load);
    }

    /**
     * A sampler's latents of pictures: of AutoencoderKL the mean of its posterior.
     *
     * @param images kept by the caller
     * @return N×C×h×w, float32
     */
    public Tensor encode(Images images) {
        try (var scope = Scope.open()) {
            var raw = forward(images.tensor().times(2).minus(1)).to(DType.FLOAT32);
            var z = raw.slice(1, 0, config().latentChannels());
            return scope.keep(z.minus(config().shift()).times(config().scale()));
        }
    }

    /**
     * The network alone.
     *
     * @param pixels N×3×H×W, −1 to 1
     * @return N×C×h×w latents, or for AutoencoderKL N×2C×h×w: mean and log variance of the posterior
     */
    public Tensor forward(Tensor pixels) {
        int side = config().pixelsPerLatent();
        if (pixels.rank() != 4 || pixels.dim(1) != 3 || pixels.dim(2) % side != 0 || pixels.dim(3) % side != 0) {
            throw new TillerException("The encoder reads N×3×H×W pictures whose sides are multiples of " + side
                    + ", but got " + pixels + "; resize them.");
        }
        return run(pixels);
    }
}
