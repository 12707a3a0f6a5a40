// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/**
 * The convolution that makes tokens of a picture's patches. As its stride is its size, it is one linear map of every
 * patch, which is several times faster than a convolution, above all on the way back.
 */
public final class PatchEmbedding {
    private final Linear map;
    private final int side;

    /**
     * Reads the kernel, C×channels×side×side, and the bias if there is one.
     *
     * @param side of a patch in pixels
     */
    public PatchEmbedding(Weights weights, int side) {
        this.map = new Linear(weights);
        this.side = side;
    }

    /** N×channels×H×W to N×L×C, patch by patch in rows; what is left at the right and at the bottom is not looked at. */
    public Tensor apply(Tensor x) {
        long channels = x.dim(1);
        long down = x.dim(2) / side;
        long across = x.dim(3) / side;
        Tensor pixels = x.slice(2, 0, down * side).slice(3, 0, across * side);
        Tensor patches = pixels.reshape(x.size(), channels, down, side, across, side)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(x.size(), down * across, channels * side * side);
        return map.apply(patches);
    }
}
