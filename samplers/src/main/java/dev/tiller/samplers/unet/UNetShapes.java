// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.Shapes;
import dev.tiller.tensor.Weights;

/** The tensors that a UNet of a configuration has. A checkpoint that has others belongs to another configuration. */
final class UNetShapes {
    private final UNetConfig config;
    private final int times;

    private UNetShapes(UNetConfig config) {
        this.config = config;
        this.times = 4 * config.channels()[0];
    }

    /** @throws dev.tiller.run.TillerException if a tensor is missing, or is not what the configuration asks for */
    static void require(Weights weights, UNetConfig config) {
        new UNetShapes(config).network(weights);
    }

    private void network(Weights w) {
        int[] channels = config.channels();
        int finest = channels[0];
        int coarsest = config.levels() - 1;
        Shapes.convolution(w.at("conv_in"), config.inChannels(), finest, 3);
        Shapes.linear(w.at("time_embedding").at("linear_1"), finest, times);
        Shapes.linear(w.at("time_embedding").at("linear_2"), times, times);
        if (config.guidanceChannels() > 0) {
            Shapes.matrix(w.at("time_embedding").at("cond_proj"), config.guidanceChannels(), finest);
        }
        if (config.sizeChannels() > 0) {
            Shapes.linear(w.at("add_embedding").at("linear_1"), config.sizeInputs(), times);
            Shapes.linear(w.at("add_embedding").at("linear_2"), times, times);
        }
        for (int level = 0; level <= coarsest; level++) {
            down(w.at("down_blocks").at(level), level);
        }
        if (config.middle()) {
            var middle = w.at("mid_block");
            resnet(middle.at("resnets").at(0), channels[coarsest], channels[coarsest]);
            transformer(middle.at("attentions").at(0), coarsest);
            resnet(middle.at("resnets").at(1), channels[coarsest], channels[coarsest]);
        }
        for (int i = 0; i <= coarsest; i++) {
            up(w.at("up_blocks").at(i), i);
        }
        Shapes.norm(w.at("conv_norm_out"), finest);
        Shapes.convolution(w.at("conv_out"), finest, config.outChannels(), 3);
    }

    private void down(Weights w, int level) {
        int out = config.channels()[level];
        for (int i = 0; i < config.layers(); i++) {
            resnet(w.at("resnets").at(i), i == 0 ? config.channels()[Math.max(0, level - 1)] : out, out);
            if (config.downAttention()[level]) {
                transformer(w.at("attentions").at(i), level);
            }
        }
        if (level < config.levels() - 1) {
            Shapes.convolution(w.at("downsamplers").at(0).at("conv"), out, out, 3);
        }
    }

    private void up(Weights w, int index) {
        int level = config.levels() - 1 - index;
        int out = config.channels()[level];
        int below = config.channels()[Math.min(level + 1, config.levels() - 1)];
        int last = config.layers();
        for (int i = 0; i <= last; i++) {
            // The last skip is what the resolution began with.
            int skip = i == last ? config.channels()[Math.max(0, level - 1)] : out;
            resnet(w.at("resnets").at(i), (i == 0 ? below : out) + skip, out);
            if (config.upAttention()[index]) {
                transformer(w.at("attentions").at(i), level);
            }
        }
        if (level > 0) {
            Shapes.convolution(w.at("upsamplers").at(0).at("conv"), out, out, 3);
        }
    }

    private void resnet(Weights w, int in, int out) {
        Shapes.residual(w, in, out);
        Shapes.linear(w.at("time_emb_proj"), times, out);
    }

    private void transformer(Weights w, int level) {
        int width = config.channels()[level];
        Shapes.norm(w.at("norm"), width);
        Shapes.linear(w.at("proj_in"), width, width);
        for (int i = 0; i < config.depths()[level]; i++) {
            var block = w.at("transformer_blocks").at(i);
            for (int norm = 1; norm <= 3; norm++) {
                Shapes.norm(block.at("norm" + norm), width);
            }
            attention(block.at("attn1"), width, width);
            attention(block.at("attn2"), width, config.contextChannels());
            Shapes.linear(block.at("ff").at("net").at(0).at("proj"), width, 8 * width);
            Shapes.linear(block.at("ff").at("net").at(2), 4 * width, width);
        }
        Shapes.linear(w.at("proj_out"), width, width);
    }

    private static void attention(Weights w, int width, int context) {
        Shapes.matrix(w.at("to_q"), width, width);
        Shapes.matrix(w.at("to_k"), context, width);
        Shapes.matrix(w.at("to_v"), context, width);
        Shapes.linear(w.at("to_out").at(0), width, width);
    }
}
