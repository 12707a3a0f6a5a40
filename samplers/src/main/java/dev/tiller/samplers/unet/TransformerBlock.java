// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.CrossAttention;
import dev.tiller.nn.FeedForward;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.SelfAttention;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.List;

/** Self-attention, attention to the prompt, feed-forward; each on normalised tokens and added to them. */
final class TransformerBlock {
    private static final double EPS = 1e-5;

    private final LayerNorm norm1;
    private final SelfAttention attn1;
    private final LayerNorm norm2;
    private final CrossAttention attn2;
    private final LayerNorm norm3;
    private final FeedForward ff;

    TransformerBlock(Weights weights, int heads, boolean upcast, List<CrossAttention> readers) {
        this.norm1 = new LayerNorm(weights.at("norm1"), EPS);
        this.attn1 = new SelfAttention(weights.at("attn1"), heads, upcast);
        this.norm2 = new LayerNorm(weights.at("norm2"), EPS);
        this.attn2 = new CrossAttention(weights.at("attn2"), heads, upcast);
        this.norm3 = new LayerNorm(weights.at("norm3"), EPS);
        this.ff = new FeedForward(weights.at("ff"));
        readers.add(attn2);
    }

    /** Both attentions, N×L×C to N×L×C. */
    Tensor attend(Tensor x, Step step) {
        try (Tensor y = Recording.block(() -> attn1.applyOnto(norm1.apply(x), x))) {
            return Recording.block(() -> attn2.applyOnto(norm2.apply(y), step.keyValue(attn2), y));
        }
    }

    /** The rest, N×L×C to N×L×C. */
    Tensor feedForward(Tensor x) {
        return Recording.block(() -> ff.applyOnto(norm3.apply(x), x));
    }
}
