// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import org.jspecify.annotations.Nullable;

/** Two linear maps with a SiLU between them, applied to a sinusoidal embedding of time: keys linear_1, linear_2, cond_proj. */
public final class TimestepEmbedding {
    private final Linear first;
    private final Linear second;
    private final @Nullable Linear condition;

    public TimestepEmbedding(Weights weights) {
        this.first = new Linear(weights.at("linear_1"));
        this.second = new Linear(weights.at("linear_2"));
        this.condition = weights.has("cond_proj.weight") ? new Linear(weights.at("cond_proj")) : null;
    }

    /**
     * @param sinusoid N×in
     * @param cond N×c, an embedding of the guidance scale (LCM), or null
     * @return N×out
     */
    public Tensor apply(Tensor sinusoid, @Nullable Tensor cond) {
        if (cond != null && condition == null) {
            throw new IllegalArgumentException("this network takes no timestep condition");
        }
        Tensor x = cond == null || condition == null ? sinusoid : sinusoid.plus(condition.apply(cond));
        return second.apply(Kernels.silu(first.apply(x)));
    }
}
