// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that are filled up to whole registers count for nothing. */
class CrossAttentionKernelTest {
    private static final int HEADS = 2;
    private static final int CHANNELS = 32;

    private int before;

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    void noneAlive() {
        assertEquals(before, Tensor.alive());
    }

    /** 520 keys are more than the engine's attention takes at a time; 2^-8 is the rounding of bfloat16. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 77, 1e-5",
        "FLOAT32, 7, 1e-5",
        "FLOAT32, 80, 1e-5",
        "FLOAT32, 520, 1e-5",
        "BFLOAT16, 77, 0.008"
    })
    void equalsAttentionOfTheKeysAlone(DType type, int keys, double tolerance) {
        try (var scope = Scope.open()) {
            // Scores far below zero, beside which a key of zeros would be all that is heard.
            Tensor q = Kernels.randn(1, 4, 40, CHANNELS).plus(3).to(type);
            Tensor k = Kernels.randn(2, 2, keys, CHANNELS).minus(3).to(type);
            Tensor v = Kernels.randn(3, 2, keys, CHANNELS).to(type);
            Tensor got = Kernels.crossAttention(q, Tensor.concat(2, k, v), HEADS, false);
            int[] shared = {0, 0, 1, 1};
            Tensor exact = Kernels.attention(wide(q), wide(k.gather(shared)), wide(v.gather(shared)), HEADS, false);
            double largest =
                    Arrays.stream(exact.toDoubles()).map(Math::abs).max().orElseThrow();
            assertArrayEquals(exact.toDoubles(), got.toDoubles(), tolerance * largest);
            assertEquals(type, got.dtype());
            assertTrue(scope.size() > 0);
        }
    }

    private static Tensor wide(Tensor x) {
        return x.to(DType.FLOAT64);
    }
}
