// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.nn.Linear;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** Multi-head attention whose queries and keys know where they are and whose values do not: q_proj, k_proj, v_proj, out_proj. */
final class DetrAttention {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final int heads;

    DetrAttention(Weights weights, int heads) {
        this.query = new Linear(weights.at("q_proj"));
        this.key = new Linear(weights.at("k_proj"));
        this.value = new Linear(weights.at("v_proj"));
        this.out = new Linear(weights.at("out_proj"));
        this.heads = heads;
    }

    /**
     * @param queries N×L×C, places added
     * @param keys N×S×C, places added
     * @param values N×S×C
     * @param residual N×L×C
     * @return residual + attention, N×L×C
     */
    Tensor applyOnto(Tensor queries, Tensor keys, Tensor values, Tensor residual) {
        Tensor seen = Kernels.attention(query.apply(queries), key.apply(keys), value.apply(values), heads, false);
        return out.applyOnto(seen, residual);
    }
}
