// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/**
 * The GEGLU feed-forward layer of a transformer block, out(value(x)·gelu(gate(x))): keys net.0.proj, which holds value and
 * gate, and net.2.
 */
public final class FeedForward {
    private final Linear value;
    private final Linear gate;
    private final Linear out;

    public FeedForward(Weights weights) {
        var both = new Linear(weights.at("net").at(0).at("proj"));
        int width = both.width() / 2;
        this.value = both.outputs(0, width);
        this.gate = both.outputs(width, 2 * width);
        this.out = new Linear(weights.at("net").at(2));
    }

    /** x N×L×C to N×L×C, plus the residual. */
    public Tensor applyOnto(Tensor x, Tensor residual) {
        return out.applyOnto(value.apply(x).times(gate.applyGelu(x)), residual);
    }
}
