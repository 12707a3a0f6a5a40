// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.Tensor;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SketchTest {
    private static final int ELEMENTS = 4 * 16 * 16;
    private final Random random = new Random(5);

    private float[] normal(int n) {
        var values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /**
     * The squared distance of two sketches is unbiased with a variance of 2/32 of its square, so the mean over 400 independent
     * pairs is off by more than 6 % in fewer than one of a million such tests (5 standard deviations of 1/80); keeping the first
     * 32 elements instead would be off by far more.
     */
    @Test
    void distancesArePreservedInTheMean() {
        double told = 0;
        double whole = 0;
        double first = 0;
        for (int i = 0; i < 400; i++) {
            // Most of it is in a corner, as it is in pictures.
            var two = normal(2 * ELEMENTS);
            for (int j = 0; j < 2 * ELEMENTS; j++) {
                two[j] *= j % ELEMENTS > ELEMENTS / 2 ? 2 : 0.1f;
            }
            var sketches = Sketch.of(two, 2);
            told += IntStream.range(0, Sketch.LENGTH)
                    .mapToDouble(k -> Math.pow(sketches[0][k] - sketches[1][k], 2))
                    .sum();
            whole += IntStream.range(0, ELEMENTS)
                    .mapToDouble(j -> Math.pow(two[j] - two[ELEMENTS + j], 2) / ELEMENTS)
                    .sum();
            first += IntStream.range(0, Sketch.LENGTH)
                    .mapToDouble(j -> Math.pow(two[j] - two[ELEMENTS + j], 2) / Sketch.LENGTH)
                    .sum();
        }
        assertEquals(1, told / whole, 0.06);
        assertTrue(Math.abs(1 - first / whole) > 0.5);
    }

    @Test
    void aRowIsSketchedByItself() {
        var values = normal(3 * ELEMENTS);
        try (var tensor = Tensor.of(values, 3, 4, 16, 16);
                var row = tensor.rows(1, 2)) {
            assertArrayEquals(Sketch.of(tensor)[1], Sketch.of(row)[0]);
            assertEquals(Sketch.LENGTH, Sketch.of(row)[0].length);
        }
        for (double number : Sketch.of(values, 3)[2]) {
            assertEquals(Math.rint(1000 * number) / 1000, number);
        }
    }
}
