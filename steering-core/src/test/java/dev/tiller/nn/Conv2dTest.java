// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Winograd;
import dev.tiller.weights.SafeTensorsWriter;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways of a convolution hold against the direct sum in double precision. */
class Conv2dTest {
    private static final int OUT = 136;

    private int before;

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    void noneAlive() {
        assertEquals(before, Tensor.alive());
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 16", "3, 8, 12", "2, 4, 32", "2, 15, 18", "1, 4, 4"})
    void equalsTheDirectSum(int rows, int height, int width, @TempDir Path dir) {
        Path file = dir.resolve("conv.safetensors");
        try (var scope = Scope.open()) {
            int in = 128;
            Tensor weight = Kernels.randn(1, OUT, in, 3, 3).times(0.03);
            Tensor bias = Kernels.randn(2, OUT);
            Tensor x = Kernels.channelsLast(Kernels.randn(3, rows, in, height, width));
            new SafeTensorsWriter()
                    .add("weight", weight.toFloats(), OUT, in, 3, 3)
                    .add("bias", bias.toFloats(), OUT)
                    .write(file);
            DType wide = DType.FLOAT64;
            Tensor without = Kernels.conv2d(x.to(wide), weight.to(wide), 1, 1);
            Tensor exact = without.plus(bias.to(wide).reshape(1, OUT, 1, 1));
            Tensor each = Kernels.randn(4, rows, OUT);
            try (var layer = Scope.open();
                    var weights = MappedWeights.open(WeightFiles.of(file), DType.FLOAT32, Device.CPU)) {
                var conv = Conv2d.same(weights);
                assertClose(exact, conv.apply(x));
                assertClose(exact, conv.apply(x));
                assertClose(exact, Engine.recording(() -> conv.apply(x)));
                assertClose(
                        without.plus(each.to(wide).reshape(rows, OUT, 1, 1)),
                        Conv2d.sameWithoutBias(weights).applyPlus(x, each));
                assertTrue(layer.size() > 0);
            }
        }
    }

    /** Which way is taken is a matter of shapes and types alone. */
    @Test
    void fewPixelsOrChannelsAndGradientsGoTheDirectWay() {
        try (var scope = Scope.open()) {
            Tensor weight = Kernels.randn(1, 128, 128, 3, 3);
            Tensor x = Kernels.randn(2, 1, 128, 16, 16);
            assertTrue(Winograd.suits(x, weight));
            assertTrue(Winograd.suits(Kernels.randn(2, 1, 128, 8, 8), weight));
            assertFalse(Winograd.suits(Kernels.randn(2, 1, 128, 8, 4), weight));
            assertFalse(Winograd.suits(Kernels.randn(2, 1, 128, 18, 16), weight));
            assertFalse(Winograd.suits(Kernels.randn(2, 1, 64, 16, 16), Kernels.randn(1, 128, 64, 3, 3)));
            assertFalse(Winograd.suits(x, Kernels.randn(1, 128, 128, 1, 1)));
            assertFalse(Winograd.suits(x.to(DType.BFLOAT16), weight.to(DType.BFLOAT16)));
            assertFalse(Engine.recording(() -> Winograd.suits(x, weight)));
            assertTrue(scope.size() > 0);
        }
    }

    private static void assertClose(Tensor exact, Tensor got) {
        double largest = 0;
        double error = 0;
        double[] e = exact.toDoubles();
        double[] g = got.to(DType.FLOAT64).toDoubles();
        assertEquals(e.length, g.length);
        for (int i = 0; i < e.length; i++) {
            largest = Math.max(largest, Math.abs(e[i]));
            error = Math.max(error, Math.abs(e[i] - g[i]));
        }
        assertTrue(error < 3e-6 * largest, "error " + error + " of " + largest);
    }
}
