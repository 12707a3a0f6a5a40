// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrincipalAxesTest {
    private static final int LENGTH = 6;
    private final Random random = new Random(11);

    private double[][] cloud(int n) {
        var mixed = new double[LENGTH][LENGTH];
        for (var row : mixed) {
            Arrays.setAll(row, i -> random.nextGaussian());
        }
        var points = new double[n][LENGTH];
        for (var point : points) {
            var free = random.doubles(LENGTH, -1, 1).toArray();
            Arrays.setAll(point, i -> 3 + dot(mixed[i], free));
        }
        return points;
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static double variance(double[][] points, double[] direction) {
        var along = Arrays.stream(points).mapToDouble(p -> dot(p, direction)).toArray();
        double mean = Arrays.stream(along).average().orElseThrow();
        return Arrays.stream(along).map(a -> (a - mean) * (a - mean)).average().orElseThrow();
    }

    @Test
    void noDirectionSpreadsMore() {
        var points = cloud(40);
        var axes = new PrincipalAxes(LENGTH);
        Arrays.stream(points).forEach(axes::add);
        var plane = axes.plane(new double[2][LENGTH]);
        var first = plane.axes()[0];
        var second = plane.axes()[1];
        assertEquals(1, dot(first, first), 1e-12);
        assertEquals(1, dot(second, second), 1e-12);
        assertEquals(0, dot(first, second), 1e-12);
        double most = variance(points, first);
        double next = variance(points, second);
        double total = IntStream.range(0, LENGTH)
                .mapToDouble(k -> {
                    var unit = new double[LENGTH];
                    unit[k] = 1;
                    return variance(points, unit);
                })
                .sum();
        assertEquals(most / total, plane.shares()[0], 1e-9);
        assertEquals(next / total, plane.shares()[1], 1e-9);
        for (int i = 0; i < 500; i++) {
            var any = random.doubles(LENGTH, -1, 1).toArray();
            double length = Math.sqrt(dot(any, any));
            var direction = Arrays.stream(any).map(x -> x / length).toArray();
            assertTrue(variance(points, direction) <= most + 1e-9);
            double along = dot(direction, first);
            var across = IntStream.range(0, LENGTH)
                    .mapToDouble(k -> direction[k] - along * first[k])
                    .toArray();
            assertTrue(variance(points, across) <= next * dot(across, across) + 1e-9);
        }
        assertEquals(
                0, Arrays.stream(points).mapToDouble(p -> plane.at(0, p)).sum(), 1e-9, "the centre is in the middle");
    }

    @Test
    void axesKeepTheirSense() {
        var axes = new PrincipalAxes(LENGTH);
        var points = cloud(60);
        Arrays.stream(points).limit(5).forEach(axes::add);
        for (double sense : new double[] {1, -1}) {
            var senses = new double[2][LENGTH];
            Arrays.stream(senses).forEach(s -> Arrays.fill(s, sense));
            var plane = axes.plane(senses);
            for (int a = 0; a < 2; a++) {
                assertTrue(dot(plane.axes()[a], senses[a]) >= 0);
            }
        }
    }

    @Test
    void fewPointsAreNoTrouble() {
        var axes = new PrincipalAxes(LENGTH);
        axes.add(new double[] {1, 2, 3, 4, 5, 6});
        var alone = axes.plane(new double[2][LENGTH]);
        assertEquals(0, alone.at(0, new double[] {1, 2, 3, 4, 5, 6}), 1e-12);
        assertEquals(0, alone.shares()[0]);
        axes.add(new double[] {1, 2, 3, 4, 5, 8});
        var two = axes.plane(new double[2][LENGTH]);
        assertEquals(1, two.shares()[0], 1e-12);
        assertEquals(1, Math.abs(two.axes()[0][5]), 1e-12);
    }
}
