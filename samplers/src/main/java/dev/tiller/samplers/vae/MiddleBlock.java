// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.tensor.Weights;

/** Resnet, attention if there is one, resnet at the coarsest resolution. */
final class MiddleBlock {
    private MiddleBlock() {}

    static void addTo(Stages stages, Weights weights, VaeConfig.Kl config) {
        stages.add(new ResnetBlock(weights.at("resnets").at(0), config.groups())::apply);
        if (config.middleAttention()) {
            stages.add(new PixelAttention(weights.at("attentions").at(0), config.groups())::apply);
        }
        stages.add(new ResnetBlock(weights.at("resnets").at(1), config.groups())::apply);
    }
}
