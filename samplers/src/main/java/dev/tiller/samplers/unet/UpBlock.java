// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.CrossAttention;
import dev.tiller.nn.UpsamplingConv2d;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resnets, each of which also sees a skip, and transformers; then twice the resolution, except in the last block. */
final class UpBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<SpatialTransformer> attentions = new ArrayList<>();
    private final @Nullable UpsamplingConv2d upsampler;

    /** @param index 0 for the coarsest */
    UpBlock(Weights weights, UNetConfig config, int index, TimeProjections times, List<CrossAttention> readers) {
        int level = config.levels() - 1 - index;
        for (int i = 0; i <= config.layers(); i++) {
            resnets.add(new ResnetBlock(weights.at("resnets").at(i), config, times));
            if (config.upAttention()[index]) {
                attentions.add(new SpatialTransformer(weights.at("attentions").at(i), config, level, readers));
            }
        }
        this.upsampler =
                level > 0 ? new UpsamplingConv2d(weights.at("upsamplers").at(0).at("conv")) : null;
    }

    Tensor apply(Tensor x, Step step, Deque<Tensor> skips) {
        Tensor y = x;
        for (int i = 0; i < resnets.size(); i++) {
            ResnetBlock resnet = resnets.get(i);
            Tensor below = y;
            Tensor skip = skips.pop();
            y = Recording.block(() -> resnet.apply(Tensor.concat(1, below, skip), step));
            if (!attentions.isEmpty()) {
                y = attentions.get(i).apply(y, step);
            }
        }
        return upsampler == null ? y : up(upsampler, y, skips.element());
    }

    /** Twice the size, or that of the next skip where the sample's size is not a multiple of the coarsest pixel. */
    private static Tensor up(UpsamplingConv2d conv, Tensor x, Tensor next) {
        return Recording.block(() -> conv.apply(x, next.dim(2), next.dim(3)));
    }
}
