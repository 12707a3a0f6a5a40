// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * DNO's probability regularisation (Tang et al. 2024, section 4): noise that has been optimised into a pattern is improbable
 * as Gaussian noise, and concentration inequalities say how much. A row is cut into m sub-vectors of k numbers,
 *
 * <pre>
 * M1 = | mean_i z_i |           log p1 = min(log 2 - m M1² / (2 k), 0)
 * M2 = | mean_i z_i z_iT - I |  log p2 = min(log 2 - m max(sqrt(1 + M2) - 1 - sqrt(k / m), 0)² / 2, 0)
 * price = -weight (log p1 + log p2  +  the mean of both over random permutations of the row)
 * </pre>
 *
 * with the spectral norm in M2. Numbers left over by the cutting are left out, others with each permutation. The price of
 * Gaussian noise is 0 with high probability: each bound holds for standard Gaussian noise as a tail probability. The
 * authors' code clamps log p less log 2 instead of log p, a constant apart. Computed on the CPU in float64.
 *
 * @param weight gamma in the paper, at least 0; 1 there
 * @param dimension k, at least 1; 4 in the authors' code
 * @param permutations drawn afresh at each iteration, at least 1; 100 in the authors' code
 */
public record ProbabilityPrior(double weight, int dimension, int permutations) implements NoisePrior {
    private static final int SWEEPS = 50;
    private static final double EPSILON = 1e-30;

    public ProbabilityPrior {
        Checks.notNegative("weight of the probability prior", weight);
        Checks.atLeast(1, "dimension of sub-vectors", dimension);
        Checks.atLeast(1, "number of permutations", permutations);
    }

    @Override
    public boolean isRandom() {
        return true;
    }

    @Override
    public <X extends Vectors<X>> Price<X> price(X x, Key[] keys) {
        if (x.dimensions() < dimension) {
            throw new TillerException("The probability prior cuts noise into sub-vectors of " + dimension
                    + " numbers, but there are only " + x.dimensions() + ".");
        }
        var rows = x.toRows();
        var gradients = new double[rows.length][x.dimensions()];
        var values = IntStream.range(0, rows.length)
                .mapToDouble(i -> price(rows[i], keys[i].generator(), gradients[i]))
                .toArray();
        return new Price<>(values, x.withRows(gradients));
    }

    /** The price of a row; adds its gradient. */
    private double price(double[] z, RandomGenerator random, double[] gradient) {
        var order = IntStream.range(0, z.length).toArray();
        double price = -weight * logProbability(z, order, -weight, gradient);
        for (int n = 0; n < permutations; n++) {
            shuffle(order, random);
            price -= weight / permutations * logProbability(z, order, -weight / permutations, gradient);
        }
        return price;
    }

    /** log p1 + log p2 of the elements in an order; adds {@code factor} times its gradient. */
    private double logProbability(double[] z, int[] order, double factor, double[] gradient) {
        int k = dimension;
        int m = z.length / k;
        var mean = new double[k];
        var excess = new double[k][k];
        for (int i = 0; i < m; i++) {
            for (int a = 0; a < k; a++) {
                double za = z[order[i * k + a]];
                mean[a] += za / m;
                for (int b = 0; b <= a; b++) {
                    excess[a][b] += za * z[order[i * k + b]] / m;
                }
            }
        }
        for (int a = 0; a < k; a++) {
            excess[a][a] -= 1;
            for (int b = 0; b < a; b++) {
                excess[b][a] = excess[a][b];
            }
        }
        double square =
                IntStream.range(0, k).mapToDouble(a -> mean[a] * mean[a]).sum();
        double logP1 = Math.log(2) - m * square / (2 * k);
        // d log p1 / d z_ia = -mean_a / k
        double meanSlope = logP1 < 0 ? -factor / k : 0;

        var axis = new double[k];
        double eigenvalue = spectral(excess, axis);
        double root = Math.sqrt(1 + Math.abs(eigenvalue));
        double beyond = Math.max(root - 1 - Math.sqrt((double) k / m), 0);
        double logP2 = Math.log(2) - m * beyond * beyond / 2;
        // d |eigenvalue| / d z_i = sign 2 (axis . z_i) axis / m
        double axisSlope = logP2 < 0 ? -factor * beyond / root * Math.signum(eigenvalue) : 0;
        if (meanSlope == 0 && axisSlope == 0) {
            return 0;
        }
        for (int i = 0; i < m; i++) {
            double along = 0;
            for (int a = 0; a < k; a++) {
                along += axis[a] * z[order[i * k + a]];
            }
            for (int a = 0; a < k; a++) {
                gradient[order[i * k + a]] += meanSlope * mean[a] + axisSlope * along * axis[a];
            }
        }
        return Math.min(logP1, 0) + Math.min(logP2, 0);
    }

    /** The eigenvalue of largest size of a symmetric matrix, by cyclic Jacobi rotations, and its unit vector. */
    private static double spectral(double[][] matrix, double[] vector) {
        int k = matrix.length;
        var vectors = new double[k][k];
        for (int a = 0; a < k; a++) {
            vectors[a][a] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS && offDiagonal(matrix) > EPSILON; sweep++) {
            for (int p = 0; p < k; p++) {
                for (int q = p + 1; q < k; q++) {
                    rotate(matrix, vectors, p, q);
                }
            }
        }
        int largest = 0;
        for (int a = 1; a < k; a++) {
            largest = Math.abs(matrix[a][a]) > Math.abs(matrix[largest][largest]) ? a : largest;
        }
        for (int a = 0; a < k; a++) {
            vector[a] = vectors[a][largest];
        }
        return matrix[largest][largest];
    }

    private static double offDiagonal(double[][] matrix) {
        double sum = 0;
        for (int a = 0; a < matrix.length; a++) {
            for (int b = 0; b < a; b++) {
                sum += matrix[a][b] * matrix[a][b];
            }
        }
        return sum;
    }

    /** Makes matrix[p][q] zero (Golub and Van Loan 2013, section 8.5). */
    private static void rotate(double[][] matrix, double[][] vectors, int p, int q) {
        if (matrix[p][q] == 0) {
            return;
        }
        double tau = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
        double t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        double c = 1 / Math.sqrt(1 + t * t);
        double s = t * c;
        for (int a = 0; a < matrix.length; a++) {
            double left = matrix[a][p];
            double right = matrix[a][q];
            matrix[a][p] = c * left - s * right;
            matrix[a][q] = s * left + c * right;
            double was = vectors[a][p];
            vectors[a][p] = c * was - s * vectors[a][q];
            vectors[a][q] = s * was + c * vectors[a][q];
        }
        for (int a = 0; a < matrix.length; a++) {
            double upper = matrix[p][a];
            double lower = matrix[q][a];
            matrix[p][a] = c * upper - s * lower;
            matrix[q][a] = s * upper + c * lower;
        }
    }

    private static void shuffle(int[] order, RandomGenerator random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
    }
}
