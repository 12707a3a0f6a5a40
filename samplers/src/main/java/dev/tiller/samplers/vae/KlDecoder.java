// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.GroupNorm;
import dev.tiller.nn.UpsamplingConv2d;
import dev.tiller.tensor.Weights;

/** AutoencoderKL's decoder: keys post_quant_conv and decoder. */
final class KlDecoder {
    private KlDecoder() {}

    static Stages stages(Weights weights, VaeConfig.Kl config) {
        KlShapes.requireDecoder(weights, config);
        var stages = new Stages();
        if (config.postQuantConv()) {
            stages.add(Conv2d.same(weights.at("post_quant_conv"))::apply);
        }
        var w = weights.at("decoder");
        stages.add(Conv2d.same(w.at("conv_in"))::apply);
        MiddleBlock.addTo(stages, w.at("mid_block"), config);
        int levels = config.channels().length;
        for (int i = 0; i < levels; i++) {
            var block = w.at("up_blocks").at(i);
            for (int j = 0; j < config.layers() + 1; j++) {
                stages.add(new ResnetBlock(block.at("resnets").at(j), config.groups())::apply);
            }
            if (i < levels - 1) {
                stages.add(new UpsamplingConv2d(block.at("upsamplers").at(0).at("conv"))::apply);
            }
        }
        var norm = new GroupNorm(w.at("conv_norm_out"), config.groups(), ResnetBlock.EPS);
        var convOut = Conv2d.same(w.at("conv_out"));
        stages.add(x -> convOut.apply(norm.silu(x)));
        return stages;
    }
}
