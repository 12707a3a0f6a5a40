// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.GroupNorm;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Weights;

/** AutoencoderKL's encoder: keys encoder and quant_conv. */
final class KlEncoder {
    private KlEncoder() {}

    static Stages stages(Weights weights, VaeConfig.Kl config) {
        KlShapes.requireEncoder(weights, config);
        var stages = new Stages();
        var w = weights.at("encoder");
        stages.add(Conv2d.same(w.at("conv_in"))::apply);
        int levels = config.channels().length;
        for (int i = 0; i < levels; i++) {
            var block = w.at("down_blocks").at(i);
            for (int j = 0; j < config.layers(); j++) {
                stages.add(new ResnetBlock(block.at("resnets").at(j), config.groups())::apply);
            }
            if (i < levels - 1) {
                var conv = new Conv2d(block.at("downsamplers").at(0).at("conv"), 2, 0);
                // One row and one column of zeros, at the far sides only.
                stages.add(x -> conv.apply(Kernels.pad(x, 0, 1, 0, 1)));
            }
        }
        MiddleBlock.addTo(stages, w.at("mid_block"), config);
        var norm = new GroupNorm(w.at("conv_norm_out"), config.groups(), ResnetBlock.EPS);
        var convOut = Conv2d.same(w.at("conv_out"));
        stages.add(x -> convOut.apply(norm.silu(x)));
        if (config.quantConv()) {
            stages.add(Conv2d.same(weights.at("quant_conv"))::apply);
        }
        return stages;
    }
}
