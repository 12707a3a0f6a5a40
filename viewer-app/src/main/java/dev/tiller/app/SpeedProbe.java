// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;

/** How fast the engine is here, in 10^9 floating-point operations a second, measured for about half a second each. */
final class SpeedProbe {
    private static final long NANOS = 400_000_000L;

    private SpeedProbe() {}

    /** 1024 x 1024 times 1024 x 1024, float32. */
    static double matmul() {
        try (var a = Kernels.randn(1, 1024, 1024);
                var b = Kernels.randn(2, 1024, 1024)) {
            return rate(2.0 * 1024 * 1024 * 1024, () -> a.matmul(b));
        }
    }

    /** 3 x 3 convolution of 128 to 128 channels on 64 x 64, float32: the bulk of a UNet. */
    static double convolution() {
        try (var x = Kernels.randn(1, 1, 128, 64, 64);
                var w = Kernels.randn(2, 128, 128, 3, 3)) {
            return rate(2.0 * 128 * 128 * 9 * 64 * 64, () -> Kernels.conv2d(x, w, 1, 1));
        }
    }

    private static double rate(double operations, java.util.function.Supplier<Tensor> work) {
        work.get().close();
        long start = System.nanoTime();
        long now = start;
        int times = 0;
        for (; now - start < NANOS; now = System.nanoTime()) {
            work.get().close();
            times++;
        }
        return operations * times / (now - start);
    }
}
