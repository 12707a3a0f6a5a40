// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.GroupNorm;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import org.jspecify.annotations.Nullable;

/** y = shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x))) + time))). */
final class ResnetBlock {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final @Nullable Conv2d shortcut;
    private final TimeProjections.Slot time;

    ResnetBlock(Weights weights, UNetConfig config, TimeProjections times) {
        this.norm1 = new GroupNorm(weights.at("norm1"), config.groups(), config.eps());
        // conv1's bias is one with the time projection's.
        this.conv1 = Conv2d.sameWithoutBias(weights.at("conv1"));
        this.norm2 = new GroupNorm(weights.at("norm2"), config.groups(), config.eps());
        this.conv2 = Conv2d.same(weights.at("conv2"));
        this.shortcut = weights.has("conv_shortcut.weight") ? Conv2d.same(weights.at("conv_shortcut")) : null;
        this.time = times.add(weights.at("time_emb_proj"), weights.at("conv1"));
    }

    Tensor apply(Tensor x, Step step) {
        return Recording.block(() -> {
            Tensor h = conv1.applyPlus(norm1.silu(x), step.time(time));
            Tensor residual = shortcut == null ? x : shortcut.apply(x);
            return conv2.applyOnto(norm2.silu(h), residual);
        });
    }
}
