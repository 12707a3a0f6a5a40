// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** The GEGLU feed-forward layer of a transformer block: keys net.0.proj and net.2. */
public final class FeedForward {
    private final Linear in;
    private final Linear out;

    public FeedForward(Weights weights) {
        this.in = new Linear(weights.at("net").at(0).at("proj"));
        this.out = new Linear(weights.at("net").at(2));
    }

    /** x N×L×C to N×L×C, plus the residual. */
    public Tensor applyOnto(Tensor x, Tensor residual) {
        return out.applyOnto(Kernels.geglu(in.apply(x)), residual);
    }
}
