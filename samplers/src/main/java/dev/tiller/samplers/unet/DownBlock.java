// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.CrossAttention;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resnets and transformers of one resolution, then half the resolution, except in the last block. */
final class DownBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<SpatialTransformer> attentions = new ArrayList<>();
    private final @Nullable Conv2d downsampler;

    DownBlock(Weights weights, UNetConfig config, int level, TimeProjections times, List<CrossAttention> readers) {
        for (int i = 0; i < config.layers(); i++) {
            resnets.add(new ResnetBlock(weights.at("resnets").at(i), config, times));
            if (config.downAttention()[level]) {
                attentions.add(new SpatialTransformer(weights.at("attentions").at(i), config, level, readers));
            }
        }
        this.downsampler = level < config.levels() - 1
                ? new Conv2d(weights.at("downsamplers").at(0).at("conv"), 2, 1)
                : null;
    }

    /** Every intermediate result is also put on {@code skips}. */
    Tensor apply(Tensor x, Step step, Deque<Tensor> skips) {
        Tensor y = x;
        for (int i = 0; i < resnets.size(); i++) {
            y = resnets.get(i).apply(y, step);
            if (!attentions.isEmpty()) {
                y = attentions.get(i).apply(y, step);
            }
            skips.push(y);
        }
        if (downsampler != null) {
            Tensor fine = y;
            y = Recording.block(() -> downsampler.apply(fine));
            skips.push(y);
        }
        return y;
    }
}
