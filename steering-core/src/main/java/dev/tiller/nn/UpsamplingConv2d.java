// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every pixel four times, then a 3×3 convolution. On a CPU as one transposed convolution, stride 2, of the 4×4 kernel that both
 * make: 16 products for four pixels instead of 36.
 */
public final class UpsamplingConv2d {
    private static final long[] ANY = {};
    private static final int STRIDE = 2;
    private static final int PADDING = 1;

    /** Along one axis, rows are taps of the transposed kernel, columns those of the 3-tap kernel: which of them add up. */
    private static final int[][] TAPS = {{0, 0, 1}, {0, 1, 1}, {1, 1, 0}, {1, 0, 0}};

    private final Conv2d plain;
    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final PackedWeight joint = new PackedWeight();
    private final PackedWeight packed = new PackedWeight();

    /** Reads the kernel, out×in×3×3, and the bias if there is one. */
    public UpsamplingConv2d(Weights weights) {
        this.weight = weights.get("weight");
        this.bias = weights.has("bias") ? weights.get("bias") : null;
        this.plain = new Conv2d(weight, bias, 1, 1);
    }

    /** x N×in×H×W to N×out×2H×2W. */
    public Tensor apply(Tensor x) {
        if (Packed.supports(x) && Kernels.isChannelsLast(x)) {
            Optional<Tensor> fast = packed.forShape(x.shape(), () -> Optional.of(pack(x)));
            if (fast.isPresent()) {
                return Packed.convTranspose2d(x, fast.get(), bias, STRIDE, PADDING);
            }
        }
        Optional<Tensor> kernel =
                x.device().isCpu() ? joint.forShape(ANY, () -> Optional.of(kernel())) : Optional.empty();
        return kernel.isPresent()
                ? Kernels.convTranspose2d(x, kernel.get(), bias, STRIDE, PADDING)
                : plain.apply(Kernels.upsampleNearest2x(x));
    }

    /** x N×in×H×W to N×out×height×width, by the nearest pixel. */
    public Tensor apply(Tensor x, int height, int width) {
        return height == 2 * x.dim(2) && width == 2 * x.dim(3)
                ? apply(x)
                : plain.apply(Kernels.resizeNearest(x, height, width));
    }

    private Tensor pack(Tensor x) {
        try (var kernel = kernel()) {
            return Packed.packConvTranspose2d(kernel, x, STRIDE, PADDING);
        }
    }

    /** in×out×4×4. */
    private Tensor kernel() {
        int out = weight.dim(0);
        int in = weight.dim(1);
        try (var scope = Scope.open()) {
            var taps = new double[9 * 16];
            for (int i = 0; i < 16; i++) {
                for (int j = 0; j < 9; j++) {
                    taps[j * 16 + i] = TAPS[i / 4][j / 3] * TAPS[i % 4][j % 3];
                }
            }
            // Sums are rounded once, to the network's type.
            var wide = weight.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
            var sums = weight.to(wide)
                    .reshape((long) out * in, 9)
                    .matmul(Tensor.of(taps, 9, 16).to(wide));
            return scope.keep(
                    sums.reshape(out, in, 4, 4).permute(1, 0, 2, 3).copy().to(weight.dtype()));
        }
    }
}
