// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Optimizers against their formulas, written out with plain numbers, on -(3 u² + v²) / 2 - u v + u. */
class OptimizerTest {
    private static final double[] START = {2, -1};

    private static double value(double[] x) {
        return -(3 * x[0] * x[0] + x[1] * x[1]) / 2 - x[0] * x[1] + x[0];
    }

    private static double[] gradient(double[] x) {
        return new double[] {-3 * x[0] - x[1] + 1, -x[1] - x[0]};
    }

    @AfterEach
    void nothingIsAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    /** The points that an optimizer visits from {@link #START}, itself the first. */
    private static List<double[]> path(Optimizer optimizer, int steps) {
        var path = new ArrayList<double[]>();
        var x = ToyVectors.row(START);
        var memory = Memory.<ToyVectors>none();
        for (int i = 0; i < steps; i++) {
            var at = x.toRows()[0];
            path.add(at);
            try (var g = ToyVectors.row(gradient(at));
                    var oldX = x;
                    var old = memory) {
                var step = optimizer.step(oldX, new double[] {value(at)}, g, old);
                x = step.next();
                memory = step.memory();
            }
        }
        path.add(x.toRows()[0]);
        x.close();
        memory.close();
        return path;
    }

    @Test
    void momentum() {
        double[] x = START.clone();
        double[] b = {0, 0};
        for (var visited : path(new Sgd(0.1, 0.8, false), 6)) {
            assertArrayEquals(x, visited, 1e-14);
            var g = gradient(x);
            for (int j = 0; j < 2; j++) {
                b[j] = 0.8 * b[j] + g[j];
                x[j] += 0.1 * b[j];
            }
        }
    }

    @Test
    void nesterov() {
        double[] x = START.clone();
        double[] b = {0, 0};
        for (var visited : path(new Sgd(0.1, 0.8, true), 6)) {
            assertArrayEquals(x, visited, 1e-14);
            var g = gradient(x);
            for (int j = 0; j < 2; j++) {
                b[j] = 0.8 * b[j] + g[j];
                x[j] += 0.1 * (g[j] + 0.8 * b[j]);
            }
        }
    }

    @Test
    void theFirstStepsOfNesterovByHand() {
        // g0 = (-4, -1), step 0.1 1.8 g0; g1 = gradient(1.28, -1.18) = (-1.66, -0.1), b = g1 + 0.8 g0
        var path = path(new Sgd(0.1, 0.8, true), 2);
        assertArrayEquals(new double[] {1.28, -1.18}, path.get(1), 1e-14);
        assertArrayEquals(new double[] {1.28 - 0.5548, -1.18 - 0.082}, path.get(2), 1e-14);
    }

    @Test
    void adamWithDecay() {
        double[] x = START.clone();
        double[] m = {0, 0};
        double[] v = {0, 0};
        int t = 0;
        for (var visited : path(new Adam(0.05, 0.9, 0.99, 1e-3, 0.2), 8)) {
            assertArrayEquals(x, visited, 1e-14);
            var g = gradient(x);
            t++;
            for (int j = 0; j < 2; j++) {
                m[j] = 0.9 * m[j] + 0.1 * g[j];
                v[j] = 0.99 * v[j] + 0.01 * g[j] * g[j];
                double mHat = m[j] / (1 - Math.pow(0.9, t));
                double vHat = v[j] / (1 - Math.pow(0.99, t));
                x[j] = x[j] * (1 - 0.05 * 0.2) + 0.05 * mHat / (Math.sqrt(vHat) + 1e-3);
            }
        }
    }

    /** BFGS with full memory and exact pairs equals L-BFGS as long as no pair is forgotten: H by the update formula. */
    @Test
    void lbfgsIsBfgsScaledByTheNewestPair() {
        var path = path(new Lbfgs(1, 8), 5);
        for (int now = 1; now < 5; now++) {
            var g = gradient(path.get(now));
            double[][] pairs = new double[2][];
            var h = new double[2][2];
            for (int k = 1; k <= now; k++) {
                pairs = new double[][] {
                    less(path.get(k), path.get(k - 1)), less(gradient(path.get(k - 1)), gradient(path.get(k)))
                };
            }
            double gamma = dot(pairs[0], pairs[1]) / dot(pairs[1], pairs[1]);
            h[0][0] = gamma;
            h[1][1] = gamma;
            for (int k = 1; k <= now; k++) {
                h = updated(
                        h, less(path.get(k), path.get(k - 1)), less(gradient(path.get(k - 1)), gradient(path.get(k))));
            }
            assertTrue(value(path.get(now)) > value(path.get(now - 1)), "a step was refused: this test is not of it");
            var expected = new double[] {
                path.get(now)[0] + dot(h[0], g), path.get(now)[1] + dot(h[1], g),
            };
            assertArrayEquals(expected, path.get(now + 1), 1e-10);
        }
    }

    @Test
    void lbfgsStepsBackWhereTheRewardFalls() {
        // The first step is 40 / |g| along g, far too long: every next point halves it from the start.
        var path = path(new Lbfgs(40, 3), 4);
        var g = gradient(START);
        for (int k = 1; k <= 3; k++) {
            double length = 40 / Math.sqrt(dot(g, g)) / Math.pow(2, k - 1);
            assertTrue(k == 3 || value(path.get(k)) < value(START));
            assertArrayEquals(new double[] {2 + length * g[0], -1 + length * g[1]}, path.get(k), 1e-12);
        }
    }

    /** As a prior may move it: a point behind the start, a little lower, by less than Armijo's share of the way. */
    @Test
    void lbfgsStepsBackFromWhereAPriorHasMovedItDown() {
        var g = gradient(START);
        double length = 0.1 / Math.sqrt(dot(g, g));
        try (var x = ToyVectors.row(START);
                var uphill = ToyVectors.row(g);
                var none = Memory.<ToyVectors>none()) {
            var first = new Lbfgs(0.1, 3).step(x, new double[] {1}, uphill, none);
            try (var free = first.next();
                    var memory = first.memory();
                    var behind = ToyVectors.row(START[0] - length * g[0], START[1] - length * g[1])) {
                var second = new Lbfgs(0.1, 3).step(behind, new double[] {1 - 1e-6}, uphill, memory);
                try (var next = second.next();
                        var after = second.memory()) {
                    assertArrayEquals(
                            new double[] {2 + length / 2 * g[0], -1 + length / 2 * g[1]}, next.toRows()[0], 1e-12);
                    assertEquals(2, after.steps());
                    assertEquals(START[0] + length * g[0], free.toRows()[0][0], 1e-12);
                }
            }
        }
    }

    @Test
    void lbfgsFindsTheTop() {
        // Top where the gradient is 0: v = -u, 2 u = 1.
        var path = path(new Lbfgs(1, 4), 12);
        assertArrayEquals(new double[] {0.5, -0.5}, path.get(12), 1e-7);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThrows(TillerException.class, () -> new Sgd(0, 0.9, true));
        assertThrows(TillerException.class, () -> new Sgd(1, 0, true));
        assertThrows(TillerException.class, () -> new Sgd(1, 1, false));
        assertThrows(TillerException.class, () -> new Adam(0.1, 0.9, 0.99, 0, 0));
        assertThrows(TillerException.class, () -> new Lbfgs(1, 0));
        var clipped = AscentPlan.of(3, Adam.of(0.1)).withClip(1);
        assertThrows(TillerException.class, () -> clipped.withOptimizer(new Lbfgs(1, 3)));
        var random = AscentPlan.of(3, Adam.of(0.1)).withPrior(new ProbabilityPrior(1, 4, 10));
        assertThrows(TillerException.class, () -> random.withOptimizer(new Lbfgs(1, 3)));
    }

    private static double[][] updated(double[][] h, double[] s, double[] y) {
        double rho = 1 / dot(s, y);
        var left = new double[2][2];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                left[i][j] = (i == j ? 1 : 0) - rho * s[i] * y[j];
            }
        }
        var result = new double[2][2];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                result[i][j] = rho * s[i] * s[j];
                for (int a = 0; a < 2; a++) {
                    for (int b = 0; b < 2; b++) {
                        result[i][j] += left[i][a] * h[a][b] * left[j][b];
                    }
                }
            }
        }
        return result;
    }

    private static double[] less(double[] a, double[] b) {
        return new double[] {a[0] - b[0], a[1] - b[1]};
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1];
    }
}
