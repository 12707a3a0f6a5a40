// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensorsWriter;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One transposed convolution is upsampling and the convolution after it, forwards and backwards, at the borders too. */
class UpsamplingConv2dTest {
    private static final int IN = 6;
    private static final int OUT = 5;

    private int before;

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    void noneAlive() {
        assertEquals(before, Tensor.alive());
    }

    /** The last two are sizes to resize to; 2^-8 is the rounding of bfloat16. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT64, 1, 4, 4, 8, 8, 1e-12",
        "FLOAT32, 1, 4, 4, 8, 8, 1e-6",
        "FLOAT32, 3, 1, 5, 2, 10, 1e-6",
        "FLOAT32, 2, 3, 4, 5, 7, 1e-6",
        "FLOAT32, 2, 16, 16, 32, 32, 1e-6",
        "BFLOAT16, 2, 16, 16, 32, 32, 0.015"
    })
    void equalsUpsamplingThenTheConvolution(
            DType type, int rows, int h, int w, int height, int width, double tolerance, @TempDir Path dir) {
        Path file = dir.resolve("conv.safetensors");
        try (var scope = Scope.open()) {
            Tensor weight = Kernels.randn(1, OUT, IN, 3, 3);
            Tensor bias = Kernels.randn(2, OUT);
            new SafeTensorsWriter()
                    .add("weight", weight.toFloats(), OUT, IN, 3, 3)
                    .add("bias", bias.toFloats(), OUT)
                    .write(file);
            Tensor x = Kernels.randn(3, rows, IN, h, w).to(type);
            Tensor cotangent = Kernels.randn(4, rows, OUT, height, width).to(type);
            var wide = DType.FLOAT64;
            UnaryOperator<Tensor> exact =
                    v -> Kernels.conv2d(Kernels.resizeNearest(v, height, width), weight.to(wide), bias.to(wide), 1, 1);
            try (var layer = Scope.open();
                    var weights = MappedWeights.open(WeightFiles.of(file), type, Device.CPU)) {
                var conv = new UpsamplingConv2d(weights);
                UnaryOperator<Tensor> map = v -> conv.apply(v, height, width);
                var expected = exact.apply(x.to(wide));
                assertClose(expected, map.apply(x), tolerance);
                assertClose(expected, map.apply(Kernels.channelsLast(x)), tolerance);
                assertClose(pulled(exact, x.to(wide), cotangent.to(wide)), pulled(map, x, cotangent), tolerance);
                assertArrayEquals(
                        new long[] {rows, OUT, height, width}, map.apply(x).shape());
                assertTrue(layer.size() > 0);
            }
        }
    }

    private static Tensor pulled(UnaryOperator<Tensor> f, Tensor x, Tensor cotangent) {
        try (var tape = new RecordedMap(f, Checkpointing.OFF).tape(x)) {
            return tape.pull(cotangent);
        }
    }

    private static void assertClose(Tensor exact, Tensor got, double tolerance) {
        double[] e = exact.toDoubles();
        double largest = DoubleStream.of(e).map(Math::abs).max().orElseThrow();
        assertArrayEquals(e, got.to(DType.FLOAT64).toDoubles(), tolerance * largest);
    }
}
