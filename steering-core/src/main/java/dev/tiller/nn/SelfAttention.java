// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** Multi-head attention of tokens to one another: keys to_q, to_k, to_v, to_out.0. Queries, keys and values are one map. */
public final class SelfAttention {
    private final Linear qkv;
    private final Linear out;
    private final int heads;
    private final boolean upcast;

    /** @param upcast whether to attend in float32 also in a 16-bit network */
    public SelfAttention(Weights weights, int heads, boolean upcast) {
        this.qkv = Linear.joined(weights.at("to_q"), weights.at("to_k"), weights.at("to_v"));
        this.out = new Linear(weights.at("to_out").at(0));
        this.heads = heads;
        this.upcast = upcast;
    }

    /** x N×L×C to N×L×C, plus the residual. */
    public Tensor applyOnto(Tensor x, Tensor residual) {
        return out.applyOnto(Kernels.selfAttention(qkv.apply(x), heads, upcast), residual);
    }
}
