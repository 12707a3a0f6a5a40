// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SetDistancesTest {
    private static final double[] X = {1, 0, 0};
    private static final double[] Y = {0, 1, 0};
    private static final double[] Z = {0, 0, 1};

    @Test
    void diversityCountsDifferentRows() {
        assertEquals(3, SetDistances.vendi(new double[][] {X, Y, Z}), 1e-9);
        assertEquals(1, SetDistances.vendi(new double[][] {X, X, X}), 1e-9);
        assertEquals(2, SetDistances.vendi(new double[][] {X, X, Y, Y}), 1e-9);
        // Cosine c between two: eigenvalues (1 ± c)/2.
        double c = 0.6;
        double p = (1 + c) / 2;
        double expected = Math.exp(-p * Math.log(p) - (1 - p) * Math.log(1 - p));
        assertEquals(expected, SetDistances.vendi(new double[][] {{1, 0}, {c, 0.8}}), 1e-9);
    }

    /** Four points, one deviation from the mean along each axis either way: mean and diagonal covariance are exact. */
    private static double[][] normal(double[] mean, double[] deviations, double angle) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double r2 = Math.sqrt(2);
        double a = r2 * deviations[0];
        double b = r2 * deviations[1];
        return new double[][] {
            {mean[0] + a * cos, mean[1] + a * sin}, {mean[0] - a * cos, mean[1] - a * sin},
            {mean[0] - b * sin, mean[1] + b * cos}, {mean[0] + b * sin, mean[1] - b * cos}
        };
    }

    /** Along common axes it is Σ (μ − μ')² + (σ − σ')²; for turned ones the trace of a root of a 2×2 matrix, by its formula. */
    @Test
    void frechetIsThatOfNormalDistributions() {
        var a = normal(new double[] {1, 2}, new double[] {3, 0.5}, 0);
        var b = normal(new double[] {0, 4}, new double[] {1, 2}, 0);
        assertEquals(1 + 4 + 4 + 2.25, SetDistances.frechet(a, b), 1e-9);
        assertEquals(0, SetDistances.frechet(a, a), 1e-7);
        assertEquals(SetDistances.frechet(a, b), SetDistances.frechet(b, a), 1e-9);
        // Σ' turned by 0.7: tr((ΣΣ')^½) = √(tr ΣΣ' + 2 √det ΣΣ').
        double t = 0.7;
        var turned = normal(new double[] {1, 2}, new double[] {1, 2}, t);
        double c2 = Math.cos(t) * Math.cos(t);
        double s2 = Math.sin(t) * Math.sin(t);
        double trace = 9 * (c2 + 4 * s2) + 0.25 * (s2 + 4 * c2);
        double root = Math.sqrt(trace + 2 * 3 * 0.5 * 1 * 2);
        assertEquals(9.25 + 5 - 2 * root, SetDistances.frechet(a, turned), 1e-9);
        // Turned by nothing it would be something else.
        assertTrue(Math.abs(9.25 + 5 - 2 * root - (4 + 2.25)) > 0.1);
        // More exemplars than rows, and the other way round.
        var more =
                new Random(1).doubles(40).mapToObj(u -> new double[] {u, u * u}).toArray(double[][]::new);
        assertEquals(SetDistances.frechet(a, more), SetDistances.frechet(more, a), 1e-9);
        assertEquals(1 + 4 + 9.25, SetDistances.frechet(a, new double[][] {{0, 0}, {0, 0}}), 1e-9);
    }

    @Test
    void kernelDistanceIsThatOfTheFormula() {
        assertEquals(0, SetDistances.kernel(new double[][] {X, Y}, new double[][] {Y, X}, 1), 1e-12);
        // |X − Y|² = 2: 2 − 2 exp(−2/(2h²)).
        assertEquals(
                2 - 2 * Math.exp(-1 / 0.49), SetDistances.kernel(new double[][] {X}, new double[][] {Y}, 0.7), 1e-12);
        assertEquals(Math.sqrt(2), SetDistances.medianDistance(new double[][] {X, Y, Z}), 1e-12);
        assertEquals(1, SetDistances.medianDistance(new double[][] {X, X}), 0);
    }

    /** The one that differs earns the credit; of two alike neither does. */
    @Test
    void creditGoesToWhoChangesTheMeasure() {
        var credit = SetDistances.credit(new double[][] {X, X, Y}, SetDistances::vendi);
        assertTrue(credit[2] > 0 && credit[0] < credit[2]);
        assertEquals(credit[0], credit[1], 1e-9);
        // Of a mean m: n (m − (n m − x)/(n − 1)) = n (x − m)/(n − 1).
        var mean = SetDistances.credit(
                new double[][] {{1}, {2}, {6}},
                rows -> Arrays.stream(rows).mapToDouble(r -> r[0]).average().orElseThrow());
        assertArrayEquals(new double[] {-3, -1.5, 4.5}, mean, 1e-12);
        assertArrayEquals(new double[] {1}, SetDistances.credit(new double[][] {X}, SetDistances::vendi), 1e-9);
    }
}
