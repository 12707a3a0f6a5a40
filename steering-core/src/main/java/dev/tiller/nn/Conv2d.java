// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.tensor.Winograd;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Two-dimensional convolution with a square kernel. */
public final class Conv2d {
    private static final long[] ANY = {};

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final int stride;
    private final int padding;
    private final PackedWeight packed = new PackedWeight();
    private final PackedWeight transformed = new PackedWeight();

    /** Reads the kernel, out×in×k×k, and the bias if there is one. */
    public Conv2d(Weights weights, int stride, int padding) {
        this(weights.get("weight"), weights.has("bias") ? weights.get("bias") : null, stride, padding);
    }

    Conv2d(Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        this.weight = weight;
        this.bias = bias;
        this.stride = stride;
        this.padding = padding;
    }

    /** Stride 1 and the padding that keeps the size, for an odd kernel. */
    public static Conv2d same(Weights weights) {
        Tensor weight = weights.get("weight");
        return new Conv2d(weight, weights.has("bias") ? weights.get("bias") : null, 1, weight.dim(2) / 2);
    }

    /** As {@link #same}, with the bias left to {@link #applyPlus}. */
    public static Conv2d sameWithoutBias(Weights weights) {
        Tensor weight = weights.get("weight");
        return new Conv2d(weight, null, 1, weight.dim(2) / 2);
    }

    /** x N×in×H×W to N×out×H'×W'. */
    public Tensor apply(Tensor x) {
        return apply(x, bias);
    }

    /** The convolution with a bias for this call: one row for all, or one for each row of x. */
    public Tensor applyPlus(Tensor x, Tensor rows) {
        return rows.size() == 1 ? apply(x, rows.reshape(-1)) : Kernels.addChannels(apply(x, null), rows);
    }

    private Tensor apply(Tensor x, @Nullable Tensor b) {
        if (stride == 1 && padding == 1 && Winograd.suits(x, weight) && Kernels.isChannelsLast(x)) {
            Optional<Tensor> fast = transformed.forShape(ANY, () -> Optional.of(Winograd.transform(weight, x)));
            if (fast.isPresent()) {
                return Winograd.conv2d(x, fast.get(), b);
            }
        }
        if (Packed.supports(x)) {
            Optional<Tensor> fast = packed.forShape(x.shape(), () -> pack(x));
            if (fast.isPresent()) {
                return Packed.conv2d(x, fast.get(), b, stride, padding);
            }
        }
        return b == null ? Kernels.conv2d(x, weight, stride, padding) : Kernels.conv2d(x, weight, b, stride, padding);
    }

    /** Packed weights give channels-last results: other pictures would be rearranged at every call, and those after. */
    private Optional<Tensor> pack(Tensor x) {
        return Kernels.isChannelsLast(x)
                ? Optional.of(Packed.packConv2d(weight, x, stride, padding))
                : Optional.empty();
    }

    /** residual + apply(x). */
    public Tensor applyOnto(Tensor x, Tensor residual) {
        return apply(x).plus(residual);
    }

    /** Where the weights are. */
    public Device device() {
        return weight.device();
    }
}
