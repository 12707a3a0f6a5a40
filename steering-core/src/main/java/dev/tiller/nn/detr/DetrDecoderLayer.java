// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** A layer of DETR's decoder: queries look at one another, then at the picture. */
final class DetrDecoderLayer {
    private static final double EPS = 1e-5;

    private final DetrAttention attention;
    private final LayerNorm attentionNorm;
    private final DetrAttention cross;
    private final LayerNorm crossNorm;
    private final Linear fc1;
    private final Linear fc2;
    private final LayerNorm norm;

    DetrDecoderLayer(Weights weights, int heads) {
        this.attention = new DetrAttention(weights.at("self_attn"), heads);
        this.attentionNorm = new LayerNorm(weights.at("self_attn_layer_norm"), EPS);
        this.cross = new DetrAttention(weights.at("encoder_attn"), heads);
        this.crossNorm = new LayerNorm(weights.at("encoder_attn_layer_norm"), EPS);
        this.fc1 = new Linear(weights.at("fc1"));
        this.fc2 = new Linear(weights.at("fc2"));
        this.norm = new LayerNorm(weights.at("final_layer_norm"), EPS);
    }

    /**
     * @param x N×Q×C, what the queries know
     * @param queries 1×Q×C, what each asks for
     * @param picture N×L×C
     * @param placed the picture with its places added
     * @return N×Q×C
     */
    Tensor apply(Tensor x, Tensor queries, Tensor picture, Tensor placed) {
        try (var scope = Scope.open()) {
            Tensor asking = x.plus(queries);
            Tensor y = attentionNorm.apply(attention.applyOnto(asking, asking, x, x));
            Tensor z = crossNorm.apply(cross.applyOnto(y.plus(queries), placed, picture, y));
            return scope.keep(norm.apply(fc2.applyOnto(Kernels.relu(fc1.apply(z)), z)));
        }
    }
}
