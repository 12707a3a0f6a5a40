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

/** AutoencoderKL's encoder: keys encoder and quant_conv. */
final class KlEncoder {
    private final Conv2d convIn;
    private final List<DownBlock> down = new ArrayList<>();
    private final MiddleBlock middle;
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final @Nullable Conv2d quant;

    KlEncoder(Weights weights, VaeConfig.Kl config) {
        var w = weights.at("encoder");
        this.convIn = Conv2d.same(w.at("conv_in"));
        for (int i = 0; i < config.channels().length; i++) {
            down.add(new DownBlock(w.at("down_blocks").at(i), config, i < config.channels().length - 1));
        }
        this.middle = new MiddleBlock(w.at("mid_block"), config);
        this.normOut = new GroupNorm(w.at("conv_norm_out"), config.groups(), ResnetBlock.EPS);
        this.convOut = Conv2d.same(w.at("conv_out"));
        this.quant = config.quantConv() ? Conv2d.same(weights.at("quant_conv")) : null;
    }

    Tensor apply(Tensor pixels) {
        var x = convIn.apply(pixels);
        for (var block : down) {
            x = block.apply(x);
        }
        x = convOut.apply(normOut.silu(middle.apply(x)));
        return quant == null ? x : quant.apply(x);
    }

    /** Resnets of one resolution, then half the resolution, except in the last block. */
    private static final class DownBlock {
        private final List<ResnetBlock> resnets = new ArrayList<>();
        private final @Nullable Conv2d downsampler;

        DownBlock(Weights weights, VaeConfig.Kl config, boolean downsample) {
            for (int i = 0; i < config.layers(); i++) {
                resnets.add(new ResnetBlock(weights.at("resnets").at(i), config.groups()));
            }
            this.downsampler =
                    downsample ? new Conv2d(weights.at("downsamplers").at(0).at("conv"), 2, 0) : null;
        }

        Tensor apply(Tensor x) {
            try (var scope = Scope.open()) {
                var y = x;
                for (var resnet : resnets) {
                    y = resnet.apply(y);
                }
                // One row and column of zeros, at the far sides only.
                return scope.keep(downsampler == null ? y : downsampler.apply(Kernels.pad(y, 0, 1, 0, 1)));
            }
        }
    }
}
