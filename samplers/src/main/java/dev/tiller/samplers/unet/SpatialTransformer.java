// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.CrossAttention;
import dev.tiller.nn.GroupNorm;
import dev.tiller.nn.Linear;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Transformer blocks on the pixels of a feature map, between two projections, added to the map. SD1.x stores the
 * projections as 1×1 convolutions and SD2.x as linear maps, which are the same thing.
 */
final class SpatialTransformer {
    private static final double EPS = 1e-6;

    private final GroupNorm norm;
    private final Linear in;
    private final Linear out;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    SpatialTransformer(Weights weights, UNetConfig config, int level, List<CrossAttention> readers) {
        this.norm = new GroupNorm(weights.at("norm"), config.groups(), EPS);
        this.in = new Linear(weights.at("proj_in"));
        this.out = new Linear(weights.at("proj_out"));
        for (int i = 0; i < config.depths()[level]; i++) {
            blocks.add(new TransformerBlock(
                    weights.at("transformer_blocks").at(i), config.heads()[level], config.upcastAttention(), readers));
        }
    }

    /** x N×C×H×W to N×C×H×W. */
    Tensor apply(Tensor x, Step step) {
        Tensor tokens = Recording.block(() -> {
            Tensor first = in.apply(Kernels.toTokens(norm.apply(x)));
            return blocks.get(0).attend(first, step);
        });
        // Cut between attention and feed-forward, which halves a block's graph; more cuts would cost more than they
        // save.
        for (int i = 1; i < blocks.size(); i++) {
            TransformerBlock before = blocks.get(i - 1);
            TransformerBlock block = blocks.get(i);
            try (Tensor attended = tokens) {
                tokens = Recording.block(() -> block.attend(before.feedForward(attended), step));
            }
        }
        TransformerBlock last = blocks.get(blocks.size() - 1);
        try (Tensor attended = tokens) {
            return Recording.block(() -> Kernels.fromTokensOnto(out.apply(last.feedForward(attended)), x));
        }
    }
}
