// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * 3×3 convolutions on a CPU with a third of the multiplications (Lavin and Gray, "Fast Algorithms for Convolutional
 * Neural Networks", 2016): F(4×2, 3×3), whose float32 error is at most twice the direct sum's. The transformed weight is a copy
 * 24/9 as large, is of use to these methods only, and has no gradient.
 */
public final class Winograd {
    /** With fewer tiles the products are too few to pay for reading the weights. */
    private static final int LEAST_TILES = 8;

    /** With fewer channels the transforms of the pictures cost what the products save. */
    private static final int LEAST_CHANNELS = 128;

    /** Larger weights would take more memory than their layers, which have few pixels, are worth. */
    private static final int MOST_ELEMENTS = 1024 * 1024;

    private static final class Library {
        static final TorchScript KERNELS = TorchScript.ofResource(Engine.manager(), "Winograd", "winograd.py");
        static final NDArray INPUT = KERNELS.call("input_matrix", Kernels.integer(0));
        static final NDArray OUTPUT = KERNELS.call("output_matrix", Kernels.integer(0));
    }

    private Winograd() {}

    /**
     * Whether this is the faster way for x, N×in×H×W, and a weight of stride 1 and padding 1: a matter of shapes alone, so
     * that results do not depend on the machine's load. Not for a thread that records gradients.
     */
    public static boolean suits(Tensor x, Tensor weight) {
        int in = weight.dim(1);
        int out = weight.dim(0);
        return weight.dim(2) == 3
                && x.dim(2) % 4 == 0
                && x.dim(3) % 2 == 0
                && Math.min(in, out) >= LEAST_CHANNELS
                && (long) in * out <= MOST_ELEMENTS
                && x.elements() / in >= 8 * LEAST_TILES
                && x.dtype() == DType.FLOAT32
                && Packed.supports(x);
    }

    /** The weight of a convolution, out×in×3×3, as {@link #conv2d} wants it; for pictures of any suitable size. */
    public static Tensor transform(Tensor weight, Tensor x) {
        Engine.enter();
        return Tensor.wrap(Library.KERNELS.call("transform", x.array(), weight.array()));
    }

    /** The convolution of x with stride 1 and padding 1, in channels-last layout, which x should have too. */
    public static Tensor conv2d(Tensor x, Tensor transformed, @Nullable Tensor bias) {
        Engine.enter();
        NDArray w = transformed.array();
        return Tensor.wrap(
                bias == null
                        ? Library.KERNELS.call("conv2d", x.array(), w, Library.INPUT, Library.OUTPUT)
                        : Library.KERNELS.call(
                                "conv2d_bias", x.array(), w, Library.INPUT, Library.OUTPUT, bias.array()));
    }
}
