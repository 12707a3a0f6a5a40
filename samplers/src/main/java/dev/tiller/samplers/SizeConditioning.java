// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * What SDXL is told of a picture beside the prompt (Podell et al. 2023, section 2.2, "micro-conditioning"): how large the photograph
 * was, where it was cut, and how large it became. All in pixels, at least 0. A larger original asks for a sharper picture, a cut
 * beyond 0 for one that is cut at that side.
 */
public record SizeConditioning(
        int originalHeight, int originalWidth, int cropTop, int cropLeft, int targetHeight, int targetWidth) {
    /** @throws TillerException if a number is negative */
    public SizeConditioning {
        if (IntStream.of(originalHeight, originalWidth, cropTop, cropLeft, targetHeight, targetWidth)
                .anyMatch(pixels -> pixels < 0)) {
            throw new TillerException("The sizes that SDXL is told must be at least 0 pixels.");
        }
    }

    /** A photograph of this very size, not cut. */
    public static SizeConditioning of(int height, int width) {
        return new SizeConditioning(height, width, 0, 0, height, width);
    }

    /** As the network reads it, {@code add_time_ids} of diffusers: rows×6; the caller closes it. */
    public Tensor numbers(int rows) {
        var row = new double[] {originalHeight, originalWidth, cropTop, cropLeft, targetHeight, targetWidth};
        try (var one = Tensor.of(row, 1, row.length);
                var all = one.expand(rows, row.length)) {
            return all.to(DType.FLOAT32);
        }
    }
}
