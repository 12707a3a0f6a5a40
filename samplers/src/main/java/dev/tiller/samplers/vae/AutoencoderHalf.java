// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.function.BiFunction;

/** What both halves of an autoencoder are: a network, in the type and on the device that its weights were opened for. */
abstract sealed class AutoencoderHalf implements AutoCloseable permits LatentDecoder, LatentEncoder {
    private final VaeConfig config;
    private final Weights source;
    private final Stages network;
    private final Scope weights;

    /** @param weights what the network's are owned by; closed with this */
    AutoencoderHalf(VaeConfig config, Weights source, Stages network, Scope weights) {
        this.config = config;
        this.source = source;
        this.network = network;
        this.weights = weights;
    }

    /** Reads a folder that holds {@code config.json} and weights. */
    static <H> H load(Path folder, DType type, Device device, BiFunction<Weights, VaeConfig, H> half) {
        var config = VaeConfig.of(ModelConfig.read(folder.resolve("config.json")));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), config.computeType(type), device)) {
            return half.apply(weights, config);
        }
    }

    public final VaeConfig config() {
        return config;
    }

    /** The network's result, owned by the caller. */
    final Tensor run(Tensor x) {
        try (var scope = Scope.open()) {
            return scope.keep(network.apply(x.to(source.device()).to(source.dtype())));
        }
    }

    @Override
    public final void close() {
        weights.close();
    }
}
