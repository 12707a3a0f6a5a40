// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CombinationsTest {
    @Test
    void frontsAreThoseOfThePicture() {
        // (1,4) (2,3) (4,1) are the front; (1,3) (2,1) behind it; (0,0) behind these; NaN is behind all.
        double[][] values = {{1, 2, 4, 1, 2, 0, Double.NaN}, {4, 3, 1, 3, 1, 0, Double.NaN}};
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 2, 3}, Combinations.fronts(values));
        assertArrayEquals(new int[] {0, 0}, Combinations.fronts(new double[][] {{1, 1}, {2, 2}}));
        assertArrayEquals(new int[] {2, 1, 0}, Combinations.fronts(new double[][] {{1, 2, 3}}));
    }

    /** Whatever the unit, the same share stays effective. */
    @Test
    void theFactorReachesTheTarget() {
        double[] r = {0.21, 0.215, 0.22, 0.25, 0.2, 0.23, 0.24, 0.19};
        for (double scale : new double[] {1, 1000}) {
            var scaled = Arrays.stream(r).map(x -> scale * x).toArray();
            double c = Combinations.factor(scaled, 3, 0.5);
            var weights = Arrays.stream(scaled)
                    .map(x -> Math.exp(3 * c * (x - 0.25 * scale)))
                    .toArray();
            double sum = Arrays.stream(weights).sum();
            assertEquals(4, sum * sum / Arrays.stream(weights).map(w -> w * w).sum(), 1e-6);
        }
        assertEquals(0, Combinations.factor(new double[] {1, 1, 1}, 3, 0.5));
        assertEquals(0, Combinations.factor(new double[] {Double.NaN, 1}, 3, 0.5));
    }

    @Test
    void theHarmonicBlendIsLargeOnlyIfBothAre() {
        assertEquals(0.5, Combinations.harmonic(0.5, 0.5, 0.3), 1e-12);
        assertEquals(0.2, Combinations.harmonic(0.2, 7, 1), 1e-12);
        assertEquals(1 / (0.3 / 0.1 + 0.7 / 0.9), Combinations.harmonic(0.1, 0.9, 0.3), 1e-12);
        assertEquals(0, Combinations.harmonic(-1, 5, 0.3));
        assertEquals(Double.NaN, Combinations.harmonic(Double.NaN, 5, 0.3));
    }
}
