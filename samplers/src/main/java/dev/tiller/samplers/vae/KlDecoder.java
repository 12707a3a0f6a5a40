// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.GroupNorm;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** AutoencoderKL's decoder: keys post_quant_conv and decoder. */
final class KlDecoder {
    private final @Nullable Conv2d postQuant;
    private final Conv2d convIn;
    private final MiddleBlock middle;
    private final List<UpBlock> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    KlDecoder(Weights weights, VaeConfig.Kl config) {
        this.postQuant = config.postQuantConv() ? Conv2d.same(weights.at("post_quant_conv")) : null;
        var w = weights.at("decoder");
        this.convIn = Conv2d.same(w.at("conv_in"));
        this.middle = new MiddleBlock(w.at("mid_block"), config);
        for (int i = 0; i < config.channels().length; i++) {
            up.add(new UpBlock(w.at("up_blocks").at(i), config, i < config.channels().length - 1));
        }
        this.normOut = new GroupNorm(w.at("conv_norm_out"), config.groups(), ResnetBlock.EPS);
        this.convOut = Conv2d.same(w.at("conv_out"));
    }

    Tensor apply(Tensor z) {
        var x = convIn.apply(postQuant == null ? z : postQuant.apply(z));
        x = middle.apply(x);
        for (var block : up) {
            x = block.apply(x);
        }
        return convOut.apply(normOut.silu(x));
    }

    /** Resnets of one resolution, then twice the resolution, except in the last block. */
    private static final class UpBlock {
        private final List<ResnetBlock> resnets = new ArrayList<>();
        private final @Nullable Conv2d upsampler;

        UpBlock(Weights weights, VaeConfig.Kl config, boolean upsample) {
            for (int i = 0; i < config.layers() + 1; i++) {
                resnets.add(new ResnetBlock(weights.at("resnets").at(i), config.groups()));
            }
            this.upsampler =
                    upsample ? Conv2d.same(weights.at("upsamplers").at(0).at("conv")) : null;
        }

        Tensor apply(Tensor x) {
            try (var scope = Scope.open()) {
                var y = x;
                for (var resnet : resnets) {
                    y = resnet.apply(y);
                }
                return scope.keep(upsampler == null ? y : upsampler.apply(Kernels.upsampleNearest2x(y)));
            }
        }
    }
}
