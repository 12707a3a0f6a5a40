// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The two directions in which points spread most: principal component analysis of points that are added one after the other.
 * Adding a point costs the square of its length, finding the axes its cube, whatever the number of points.
 */
final class PrincipalAxes {
    /** What the points are seen on. */
    record Plane(double[] centre, double[][] axes, double[] shares) {
        /** Where a point lies on an axis, 0 or 1. */
        double at(int axis, double[] point) {
            double sum = 0;
            for (int i = 0; i < point.length; i++) {
                sum += axes[axis][i] * (point[i] - centre[i]);
            }
            return sum;
        }
    }

    private static final int SWEEPS = 30;

    private final int length;
    private final double[] sums;
    private final double[][] products;
    private long count;

    PrincipalAxes(int length) {
        this.length = length;
        sums = new double[length];
        products = new double[length][length];
    }

    void add(double[] point) {
        count++;
        for (int i = 0; i < length; i++) {
            sums[i] += point[i];
            for (int j = i; j < length; j++) {
                products[i][j] += point[i] * point[j];
            }
        }
    }

    /**
     * The axes of all points so far, the longer first, each with its share of the spread; axes of the same direction as before
     * keep their sense, so that a picture does not flip when points are added.
     *
     * @param senses two vectors; axes point to the side on which these are
     */
    Plane plane(double[][] senses) {
        var centre = Arrays.stream(sums).map(s -> s / Math.max(1, count)).toArray();
        var matrix = new double[length][length];
        double trace = 0;
        for (int i = 0; i < length; i++) {
            for (int j = i; j < length; j++) {
                matrix[i][j] = products[i][j] / Math.max(1, count) - centre[i] * centre[j];
                matrix[j][i] = matrix[i][j];
            }
            trace += Math.max(0, matrix[i][i]);
        }
        var vectors = diagonalise(matrix);
        var order = IntStream.range(0, length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -matrix[i][i]))
                .mapToInt(i -> i)
                .toArray();
        var axes = new double[2][length];
        var shares = new double[2];
        for (int a = 0; a < Math.min(2, length); a++) {
            int column = order[a];
            double along = 0;
            for (int i = 0; i < length; i++) {
                axes[a][i] = vectors[i][column];
                along += axes[a][i] * senses[a][i];
            }
            if (along < 0) {
                axes[a] = Arrays.stream(axes[a]).map(x -> -x).toArray();
            }
            shares[a] = trace > 0 ? Math.max(0, matrix[column][column]) / trace : 0;
        }
        return new Plane(centre, axes, shares);
    }

    /** Jacobi's rotations: leaves the eigenvalues on the diagonal, and returns the eigenvectors as columns. */
    private static double[][] diagonalise(double[][] a) {
        int n = a.length;
        var v = new double[n][n];
        for (int i = 0; i < n; i++) {
            v[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            boolean rotated = false;
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    if (Math.abs(a[p][q]) > 1e-12 * Math.sqrt(Math.abs(a[p][p] * a[q][q])) + 1e-300) {
                        rotate(a, v, p, q);
                        rotated = true;
                    }
                }
            }
            if (!rotated) {
                break;
            }
        }
        return v;
    }

    private static void rotate(double[][] a, double[][] v, int p, int q) {
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
        double c = 1 / Math.hypot(t, 1);
        double s = t * c;
        for (int i = 0; i < a.length; i++) {
            double ip = a[i][p];
            double iq = a[i][q];
            a[i][p] = c * ip - s * iq;
            a[i][q] = s * ip + c * iq;
        }
        for (int i = 0; i < a.length; i++) {
            double pi = a[p][i];
            double qi = a[q][i];
            a[p][i] = c * pi - s * qi;
            a[q][i] = s * pi + c * qi;
        }
        for (var row : v) {
            double rp = row[p];
            double rq = row[q];
            row[p] = c * rp - s * rq;
            row[q] = s * rp + c * rq;
        }
    }
}
