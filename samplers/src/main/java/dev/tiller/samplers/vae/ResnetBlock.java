// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.GroupNorm;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import org.jspecify.annotations.Nullable;

/** y = shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x)))))). */
final class ResnetBlock {
    static final double EPS = 1e-6;

    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final @Nullable Conv2d shortcut;

    ResnetBlock(Weights weights, int groups) {
        this.norm1 = new GroupNorm(weights.at("norm1"), groups, EPS);
        this.conv1 = Conv2d.same(weights.at("conv1"));
        this.norm2 = new GroupNorm(weights.at("norm2"), groups, EPS);
        this.conv2 = Conv2d.same(weights.at("conv2"));
        this.shortcut = weights.has("conv_shortcut.weight") ? Conv2d.same(weights.at("conv_shortcut")) : null;
    }

    Tensor apply(Tensor x) {
        var h = conv1.apply(norm1.silu(x));
        var residual = shortcut == null ? x : shortcut.apply(x);
        return conv2.applyOnto(norm2.silu(h), residual);
    }
}
