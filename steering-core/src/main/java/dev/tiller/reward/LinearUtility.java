// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;

/**
 * A utility w·x learnt from choices, and how sure it is: P(x is chosen over y) = 1 / (1 + exp(−w·(x − y))) (Bradley and
 * Terry 1952), w ~ N(0, s²I), and the posterior by Laplace's approximation. Computed in the space of the choices
 * (Rasmussen and Williams 2006, algorithm 3.1; for choices Chu and Ghahramani 2005), so its cost goes by their number
 * and hardly by that of the features: some dozens take a millisecond.
 */
public final class LinearUtility {
    private static final int MOST_STEPS = 100;
    private static final double ENOUGH = 1e-9;
    /** Prior deviations to choose from by evidence: for unit features, choices from near chance to nearly certain. */
    private static final double[] DEVIATIONS = {1, 2, 4, 8, 16, 32, 64};

    private final List<double[]> differences;
    private final double deviation;
    private final double[] weights;
    /** Roots of p(1 − p) of each choice. */
    private final double[] roots;

    private final DecompositionSolver solver;
    private final double evidence;

    private LinearUtility(List<double[]> differences, int features, double deviation, double[][] gram) {
        this.differences = differences;
        this.deviation = deviation;
        int n = differences.size();
        var top = Top.climb(gram, deviation * deviation);
        this.roots = top.roots();
        var cholesky = top.cholesky();
        this.solver = cholesky.getSolver();
        this.weights = new double[features];
        double sum = top.objective();
        for (int i = 0; i < n; i++) {
            sum -= Math.log(cholesky.getL().getEntry(i, i));
            add(weights, deviation * deviation * top.dual()[i], differences.get(i));
        }
        this.evidence = sum;
    }

    /**
     * Learns from choices.
     *
     * @param differences what was chosen less what was not, at least one
     * @param deviation of the prior on every weight, positive
     */
    public static LinearUtility fit(List<double[]> differences, double deviation) {
        if (deviation <= 0 || differences.isEmpty()) {
            throw new IllegalArgumentException("needs a choice, and a positive deviation, not " + deviation);
        }
        return new LinearUtility(List.copyOf(differences), differences.get(0).length, deviation, gram(differences));
    }

    /** The same with that of some deviations, powers of two from 1 to 64, under which the choices are most likely. */
    public static LinearUtility fit(List<double[]> differences) {
        var gram = gram(differences);
        var choices = List.copyOf(differences);
        var fits = new ArrayList<LinearUtility>();
        for (double deviation : DEVIATIONS) {
            fits.add(new LinearUtility(choices, choices.get(0).length, deviation, gram));
        }
        return fits.stream()
                .max((a, b) -> Double.compare(a.evidence, b.evidence))
                .orElseThrow();
    }

    /** w·x at the posterior's top. */
    public double value(double[] x) {
        return dot(weights, x);
    }

    /** The posterior's standard deviation of w·x. */
    public double doubt(double[] x) {
        return Math.sqrt(Math.max(0, dot(x, covariance(x))));
    }

    /** w at the posterior's top: the derivative of {@link #value}. */
    public double[] weights() {
        return weights.clone();
    }

    /** Σx of the posterior's covariance Σ: the derivative of {@link #doubt}, times the doubt. */
    public double[] covariance(double[] x) {
        // Σ = s²I − s⁴ Dᵀ W^½ B⁻¹ W^½ D
        double s2 = deviation * deviation;
        var along = new double[roots.length];
        Arrays.setAll(along, i -> roots[i] * dot(differences.get(i), x));
        var solved = solver.solve(new ArrayRealVector(along, false)).toArray();
        var product = new double[x.length];
        add(product, s2, x);
        for (int i = 0; i < roots.length; i++) {
            add(product, -s2 * s2 * roots[i] * solved[i], differences.get(i));
        }
        return product;
    }

    /** The prior's deviation. */
    public double deviation() {
        return deviation;
    }

    /** Log of the probability of the choices, w integrated out (Rasmussen and Williams 2006, eq. 3.32). */
    public double evidence() {
        return evidence;
    }

    private static double[][] gram(List<double[]> differences) {
        int n = differences.size();
        var gram = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                gram[i][j] = gram[j][i] = dot(differences.get(i), differences.get(j));
            }
        }
        return gram;
    }

    private static void add(double[] to, double factor, double[] x) {
        for (int k = 0; k < to.length; k++) {
            to[k] += factor * x[k];
        }
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * The posterior's top.
     *
     * @param dual a of w = s² Dᵀa
     * @param objective log-likelihood less aᵀf/2
     * @param cholesky of B = I + W^½ K W^½ there
     */
    private record Top(double[] dual, double objective, double[] roots, CholeskyDecomposition cholesky) {
        /** Newton's method with halved steps where a whole one goes down. */
        static Top climb(double[][] gram, double s2) {
            int n = gram.length;
            var top = at(new double[n], gram, s2);
            for (int step = 0; step < MOST_STEPS; step++) {
                var dual = top.newton(gram, s2);
                var next = at(dual, gram, s2);
                for (int halved = 0; halved < 30 && next.objective < top.objective; halved++) {
                    for (int i = 0; i < n; i++) {
                        dual[i] = (dual[i] + top.dual[i]) / 2;
                    }
                    next = at(dual, gram, s2);
                }
                double gained = next.objective - top.objective;
                top = next;
                if (gained < ENOUGH) {
                    break;
                }
            }
            return top;
        }

        private static double[] values(double[] dual, double[][] gram, double s2) {
            var f = new double[dual.length];
            Arrays.setAll(f, i -> s2 * dot(gram[i], dual));
            return f;
        }

        private static Top at(double[] dual, double[][] gram, double s2) {
            int n = dual.length;
            var f = values(dual, gram, s2);
            double objective = -dot(dual, f) / 2;
            var roots = new double[n];
            for (int i = 0; i < n; i++) {
                objective -= Math.log1p(Math.exp(-f[i]));
                double p = 1 / (1 + Math.exp(-f[i]));
                roots[i] = Math.sqrt(p * (1 - p));
            }
            var b = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    b[i][j] = s2 * roots[i] * gram[i][j] * roots[j] + (i == j ? 1 : 0);
                }
            }
            return new Top(
                    dual.clone(), objective, roots, new CholeskyDecomposition(new Array2DRowRealMatrix(b, false)));
        }

        /** Where the quadratic that touches here has its top. */
        private double[] newton(double[][] gram, double s2) {
            int n = dual.length;
            var f = values(dual, gram, s2);
            var b = new double[n];
            Arrays.setAll(b, i -> roots[i] * roots[i] * f[i] + 1 - 1 / (1 + Math.exp(-f[i])));
            var kb = values(b, gram, s2);
            var right = new double[n];
            Arrays.setAll(right, i -> roots[i] * kb[i]);
            var solved = cholesky.getSolver()
                    .solve(new ArrayRealVector(right, false))
                    .toArray();
            var next = new double[n];
            Arrays.setAll(next, i -> b[i] - roots[i] * solved[i]);
            return next;
        }
    }
}
