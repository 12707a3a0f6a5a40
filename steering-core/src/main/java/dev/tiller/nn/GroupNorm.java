// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** Group normalisation with a learned scale and shift per channel. */
public final class GroupNorm {
    private final Tensor weight;
    private final Tensor bias;
    private final int groups;
    private final double eps;

    public GroupNorm(Weights weights, int groups, double eps) {
        this.weight = weights.get("weight");
        this.bias = weights.get("bias");
        this.groups = groups;
        this.eps = eps;
    }

    /** x N×C×… to the same shape. */
    public Tensor apply(Tensor x) {
        return Kernels.groupNorm(x, weight, bias, groups, eps);
    }

    /** silu(apply(x)). */
    public Tensor silu(Tensor x) {
        return Kernels.groupNormSilu(x, weight, bias, groups, eps);
    }
}
