// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** Normalisation over the last dimension with a learned scale and shift. */
public final class LayerNorm {
    private final Tensor weight;
    private final Tensor bias;
    private final double eps;

    public LayerNorm(Weights weights, double eps) {
        this.weight = weights.get("weight");
        this.bias = weights.get("bias");
        this.eps = eps;
    }

    /** x …×C to the same shape. */
    public Tensor apply(Tensor x) {
        return Kernels.layerNorm(x, weight, bias, eps);
    }

    /** The way back, of a cotangent of {@link #apply}'s result at x. */
    public Tensor pull(Tensor cotangent, Tensor x) {
        return Kernels.layerNormPull(cotangent, x, weight, bias, eps);
    }
}
