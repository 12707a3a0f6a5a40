// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Arrays;
import java.util.List;

/**
 * Strengths from comparisons (Bradley and Terry 1952): P(i beats j) = 1 / (1 + exp(s_j − s_i)), with a normal prior on
 * every s that keeps who never lost finite. Found by Newton's method; the objective is strictly concave.
 */
public final class BradleyTerry {
    private static final int MOST_STEPS = 100;
    private static final double ENOUGH = 1e-10;

    private BradleyTerry() {}

    /**
     * @param won share of the comparison that i won, 0 to 1, ½ for a draw
     */
    public record Comparison(int i, int j, double won) {}

    /**
     * The maximum a posteriori strengths, of mean 0 up to the prior.
     *
     * @param n how many are compared
     * @param deviation of the prior, positive
     */
    public static double[] strengths(int n, List<Comparison> comparisons, double deviation) {
        var s = new double[n];
        double precision = 1 / (deviation * deviation);
        for (int step = 0; step < MOST_STEPS; step++) {
            var gradient = new double[n];
            var hessian = new double[n][n];
            for (int i = 0; i < n; i++) {
                gradient[i] = -precision * s[i];
                hessian[i][i] = precision;
            }
            for (var c : comparisons) {
                double p = 1 / (1 + Math.exp(s[c.j()] - s[c.i()]));
                gradient[c.i()] += c.won() - p;
                gradient[c.j()] -= c.won() - p;
                double q = p * (1 - p);
                hessian[c.i()][c.i()] += q;
                hessian[c.j()][c.j()] += q;
                hessian[c.i()][c.j()] -= q;
                hessian[c.j()][c.i()] -= q;
            }
            var move = solve(hessian, gradient);
            // Far from the top a full Newton step may overshoot.
            double largest = Arrays.stream(move).map(Math::abs).max().orElse(0);
            double factor = Math.min(1, 2 / Math.max(largest, 1e-300));
            for (int i = 0; i < n; i++) {
                s[i] += factor * move[i];
            }
            if (largest < ENOUGH) {
                break;
            }
        }
        return s;
    }

    /** Solves a positive definite system by Cholesky; the matrix is overwritten. */
    static double[] solve(double[][] a, double[] b) {
        int n = b.length;
        var x = b.clone();
        for (int j = 0; j < n; j++) {
            for (int k = 0; k < j; k++) {
                a[j][j] -= a[j][k] * a[j][k];
            }
            a[j][j] = Math.sqrt(a[j][j]);
            for (int i = j + 1; i < n; i++) {
                for (int k = 0; k < j; k++) {
                    a[i][j] -= a[i][k] * a[j][k];
                }
                a[i][j] /= a[j][j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= a[i][k] * x[k];
            }
            x[i] /= a[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= a[k][i] * x[k];
            }
            x[i] /= a[i][i];
        }
        return x;
    }
}
