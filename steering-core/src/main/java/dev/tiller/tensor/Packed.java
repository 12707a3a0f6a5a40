// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.jspecify.annotations.Nullable;

/**
 * Linear maps and convolutions whose weights were put into oneDNN's own layout before. This is where a CPU's time goes,
 * and the layout saves a sixth to a third of it (docs/performance.md). The packed weight is a second copy, is of use to
 * these methods only, and has no gradient.
 */
public final class Packed {
    /** Loaded where the engine has oneDNN, or null. */
    private static final class Library {
        static final @Nullable TorchScript KERNELS = Engine.features().contains("MKLDNN")
                ? TorchScript.ofResource(Engine.manager(), "Packed", "packed.py")
                : null;
        static final boolean BFLOAT16 = has("bfloat16");
        static final boolean FLOAT16 = has("float16");

        private static boolean has(String type) {
            if (KERNELS == null) {
                return false;
            }
            try (NDArray answer = KERNELS.call(type, Kernels.integer(0))) {
                return answer.getBoolean();
            }
        }
    }

    private Packed() {}

    /** Whether this thread can use packed weights for x: as {@link #knows}, and no gradients. */
    public static boolean supports(Tensor x) {
        return !JniUtils.isGradMode() && !Recording.isActive() && knows(x);
    }

    /** Whether there are packed weights for x: a CPU tensor of a type that oneDNN knows. */
    public static boolean knows(Tensor x) {
        if (Library.KERNELS == null || !x.device().isCpu()) {
            return false;
        }
        return switch (x.dtype()) {
            case FLOAT32 -> true;
            case BFLOAT16 -> Library.BFLOAT16;
            case FLOAT16 -> Library.FLOAT16;
            default -> false;
        };
    }

    /** The weight of a linear map, out×in, packed. */
    public static Tensor packLinear(Tensor weight) {
        return run("pack_linear", weight.array());
    }

    /** As {@link Kernels#linear(Tensor, Tensor, Tensor)}. */
    public static Tensor linear(Tensor x, Tensor packed, @Nullable Tensor bias) {
        return bias == null
                ? run("linear", x.array(), packed.array())
                : run("linear_bias", x.array(), packed.array(), bias.array());
    }

    /** {@link Kernels#gelu} of {@link #linear}, in one pass. */
    public static Tensor linearGelu(Tensor x, Tensor packed, @Nullable Tensor bias) {
        return bias == null
                ? run("linear_gelu", x.array(), packed.array())
                : run("linear_gelu_bias", x.array(), packed.array(), bias.array());
    }

    /** The weight of a convolution, out×in×k×k, packed for inputs of the shape of x; others are right, but slower. */
    public static Tensor packConv2d(Tensor weight, Tensor x, int stride, int padding) {
        return run("pack_conv2d", x.array(), weight.array(), Kernels.integer(stride), Kernels.integer(padding));
    }

    /** As {@link Kernels#conv2d(Tensor, Tensor, Tensor, int, int)}. */
    public static Tensor conv2d(Tensor x, Tensor packed, @Nullable Tensor bias, int stride, int padding) {
        NDArray s = Kernels.integer(stride);
        NDArray p = Kernels.integer(padding);
        return bias == null
                ? run("conv2d", x.array(), packed.array(), s, p)
                : run("conv2d_bias", x.array(), packed.array(), bias.array(), s, p);
    }

    /** The weight of a transposed convolution, in×out×k×k, packed for inputs of the shape of x; others are right, but slower. */
    public static Tensor packConvTranspose2d(Tensor weight, Tensor x, int stride, int padding) {
        return run(
                "pack_conv_transpose2d", x.array(), weight.array(), Kernels.integer(stride), Kernels.integer(padding));
    }

    /** As {@link Kernels#convTranspose2d}. */
    public static Tensor convTranspose2d(Tensor x, Tensor packed, @Nullable Tensor bias, int stride, int padding) {
        NDArray s = Kernels.integer(stride);
        NDArray p = Kernels.integer(padding);
        return bias == null
                ? run("conv_transpose2d", x.array(), packed.array(), s, p)
                : run("conv_transpose2d_bias", x.array(), packed.array(), bias.array(), s, p);
    }

    private static Tensor run(String kernel, NDArray... args) {
        TorchScript kernels = Library.KERNELS;
        if (kernels == null) {
            throw new IllegalStateException("this engine has no oneDNN");
        }
        Engine.enter();
        return Tensor.wrap(kernels.call(kernel, args));
    }
}
