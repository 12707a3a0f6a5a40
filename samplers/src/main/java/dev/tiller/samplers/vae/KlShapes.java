// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Shapes;
import dev.tiller.tensor.Weights;

/** The tensors that AutoencoderKL's halves have by a configuration, whose channels go from the finest to the coarsest. */
final class KlShapes {
    private static final int PICTURE = 3;

    private final VaeConfig.Kl config;

    private KlShapes(VaeConfig.Kl config) {
        this.config = config;
    }

    /** @throws dev.tiller.run.TillerException if a tensor is missing, or is not what the configuration asks for */
    static void requireDecoder(Weights weights, VaeConfig.Kl config) {
        new KlShapes(config).decoder(weights);
    }

    /** As {@link #requireDecoder}. */
    static void requireEncoder(Weights weights, VaeConfig.Kl config) {
        new KlShapes(config).encoder(weights);
    }

    private void decoder(Weights weights) {
        if (config.postQuantConv()) {
            Shapes.convolution(weights.at("post_quant_conv"), config.latentChannels(), config.latentChannels(), 1);
        }
        var w = weights.at("decoder");
        int[] channels = config.channels();
        int coarsest = channels.length - 1;
        Shapes.convolution(w.at("conv_in"), config.latentChannels(), channels[coarsest], 3);
        middle(w.at("mid_block"));
        for (int i = 0; i <= coarsest; i++) {
            int out = channels[coarsest - i];
            var block = w.at("up_blocks").at(i);
            for (int j = 0; j <= config.layers(); j++) {
                Shapes.residual(
                        block.at("resnets").at(j), j == 0 ? channels[Math.min(coarsest - i + 1, coarsest)] : out, out);
            }
            if (i < coarsest) {
                Shapes.convolution(block.at("upsamplers").at(0).at("conv"), out, out, 3);
            }
        }
        Shapes.norm(w.at("conv_norm_out"), channels[0]);
        Shapes.convolution(w.at("conv_out"), channels[0], PICTURE, 3);
    }

    private void encoder(Weights weights) {
        var w = weights.at("encoder");
        int[] channels = config.channels();
        int coarsest = channels.length - 1;
        int moments = 2 * config.latentChannels();
        Shapes.convolution(w.at("conv_in"), PICTURE, channels[0], 3);
        for (int i = 0; i <= coarsest; i++) {
            int out = channels[i];
            var block = w.at("down_blocks").at(i);
            for (int j = 0; j < config.layers(); j++) {
                Shapes.residual(block.at("resnets").at(j), j == 0 ? channels[Math.max(0, i - 1)] : out, out);
            }
            if (i < coarsest) {
                Shapes.convolution(block.at("downsamplers").at(0).at("conv"), out, out, 3);
            }
        }
        middle(w.at("mid_block"));
        Shapes.norm(w.at("conv_norm_out"), channels[coarsest]);
        Shapes.convolution(w.at("conv_out"), channels[coarsest], moments, 3);
        if (config.quantConv()) {
            Shapes.convolution(weights.at("quant_conv"), moments, moments, 1);
        }
    }

    private void middle(Weights w) {
        int width = config.channels()[config.channels().length - 1];
        Shapes.residual(w.at("resnets").at(0), width, width);
        if (config.middleAttention()) {
            var attention = w.at("attentions").at(0);
            Shapes.norm(attention.at("group_norm"), width);
            for (var map : PixelAttention.maps(attention)) {
                Shapes.linear(map, width, width);
            }
        }
        Shapes.residual(w.at("resnets").at(1), width, width);
    }
}
