// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/**
 * Multi-head attention of tokens to a context: keys to_q, to_k, to_v, to_out.0. The context's keys and values are an
 * explicit object, worked out once and used at every step.
 */
public final class CrossAttention {
    private final Linear query;
    private final Linear keyValue;
    private final Linear out;
    private final int heads;
    private final boolean upcast;

    /** @param upcast whether to attend in float32 also in a 16-bit network */
    public CrossAttention(Weights weights, int heads, boolean upcast) {
        this.query = new Linear(weights.at("to_q"));
        this.keyValue = Linear.joined(weights.at("to_k"), weights.at("to_v"));
        this.out = new Linear(weights.at("to_out").at(0));
        this.heads = heads;
        this.upcast = upcast;
    }

    /** Keys and values of a context R×S×E: R×S×2C. */
    public Tensor prepare(Tensor context) {
        return keyValue.apply(context);
    }

    /**
     * @param x N×L×C, where N is a multiple of R: the first N/R rows look at the first row of the context, and so on
     * @param prepared the context's {@link #prepare keys and values}
     * @param residual N×L×C
     * @return residual + attention, N×L×C
     */
    public Tensor applyOnto(Tensor x, Tensor prepared, Tensor residual) {
        return out.applyOnto(Kernels.crossAttention(query.apply(x), prepared, heads, upcast), residual);
    }
}
