// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** A layer of DETR's encoder, which normalises what it writes. */
final class DetrEncoderLayer {
    private static final double EPS = 1e-5;

    private final DetrAttention attention;
    private final LayerNorm attentionNorm;
    private final Linear fc1;
    private final Linear fc2;
    private final LayerNorm norm;

    DetrEncoderLayer(Weights weights, int heads) {
        this.attention = new DetrAttention(weights.at("self_attn"), heads);
        this.attentionNorm = new LayerNorm(weights.at("self_attn_layer_norm"), EPS);
        this.fc1 = new Linear(weights.at("fc1"));
        this.fc2 = new Linear(weights.at("fc2"));
        this.norm = new LayerNorm(weights.at("final_layer_norm"), EPS);
    }

    /** x N×L×C at these places, 1×L×C, to N×L×C. */
    Tensor apply(Tensor x, Tensor places) {
        try (var scope = Scope.open()) {
            Tensor placed = x.plus(places);
            Tensor y = attentionNorm.apply(attention.applyOnto(placed, placed, x, x));
            return scope.keep(norm.apply(fc2.applyOnto(Kernels.relu(fc1.apply(y)), y)));
        }
    }
}
