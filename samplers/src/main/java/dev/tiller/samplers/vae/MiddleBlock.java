// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import org.jspecify.annotations.Nullable;

/** Resnet, attention if there is one, resnet at the coarsest resolution. */
final class MiddleBlock {
    private final ResnetBlock first;
    private final @Nullable PixelAttention attention;
    private final ResnetBlock second;

    MiddleBlock(Weights weights, VaeConfig.Kl config) {
        this.first = new ResnetBlock(weights.at("resnets").at(0), config.groups());
        this.attention = config.middleAttention()
                ? new PixelAttention(weights.at("attentions").at(0), config.groups())
                : null;
        this.second = new ResnetBlock(weights.at("resnets").at(1), config.groups());
    }

    Tensor apply(Tensor x) {
        var y = first.apply(x);
        return second.apply(attention == null ? y : attention.apply(y));
    }
}
