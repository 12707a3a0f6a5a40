// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.GroupNorm;
import dev.tiller.nn.Linear;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.List;

/**
 * Attention of one head between the pixels of a feature map, added to the map: keys to_q, to_k, to_v, to_out.0, which
 * the published SD1.x checkpoints call query, key, value, proj_attn.
 */
final class PixelAttention {
    private final GroupNorm norm;
    private final Linear qkv;
    private final Linear out;

    PixelAttention(Weights weights, int groups) {
        var maps = maps(weights);
        this.norm = new GroupNorm(weights.at("group_norm"), groups, ResnetBlock.EPS);
        this.qkv = Linear.joined(maps.get(0), maps.get(1), maps.get(2));
        this.out = new Linear(maps.get(3));
    }

    /** Where query, key, value and output are. */
    static List<Weights> maps(Weights weights) {
        return weights.has("query.weight")
                ? List.of(weights.at("query"), weights.at("key"), weights.at("value"), weights.at("proj_attn"))
                : List.of(
                        weights.at("to_q"),
                        weights.at("to_k"),
                        weights.at("to_v"),
                        weights.at("to_out").at(0));
    }

    /** x N×C×H×W to N×C×H×W. */
    Tensor apply(Tensor x) {
        var tokens = Kernels.toTokens(norm.apply(x));
        var read = Kernels.selfAttention(qkv.apply(tokens), 1, false);
        return Kernels.fromTokensOnto(out.apply(read), x);
    }
}
