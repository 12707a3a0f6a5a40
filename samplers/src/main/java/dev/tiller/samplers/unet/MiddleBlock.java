// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.CrossAttention;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.List;

/** Resnet, transformer, resnet at the coarsest resolution. */
final class MiddleBlock {
    private final ResnetBlock first;
    private final SpatialTransformer attention;
    private final ResnetBlock second;

    MiddleBlock(Weights weights, UNetConfig config, TimeProjections times, List<CrossAttention> readers) {
        this.first = new ResnetBlock(weights.at("resnets").at(0), config, times);
        this.attention = new SpatialTransformer(weights.at("attentions").at(0), config, config.levels() - 1, readers);
        this.second = new ResnetBlock(weights.at("resnets").at(1), config, times);
    }

    Tensor apply(Tensor x, Step step) {
        return second.apply(attention.apply(first.apply(x, step), step), step);
    }
}
