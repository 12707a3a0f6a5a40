// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Arithmetic over the values of a population: one number for each row. A NaN stays one and counts for nothing else. */
public final class Combinations {
    private Combinations() {}

    /**
     * Fronts of mutual non-domination (Deb et al. 2002, NSGA-II, §III.A): 0 for rows that no row dominates, 1 for those
     * that only these dominate, and so on. A row dominates another if it is at least as good in every reward and better
     * in one; a row with a NaN is dominated by every row without.
     *
     * @param values of each reward for each row
     */
    public static int[] fronts(double[][] values) {
        int n = values[0].length;
        var front = new int[n];
        Arrays.fill(front, -1);
        for (int level = 0, left = n; left > 0; level++) {
            var next = new boolean[n];
            for (int i = 0; i < n; i++) {
                next[i] = front[i] < 0;
                for (int j = 0; next[i] && j < n; j++) {
                    next[i] = front[j] >= 0 || !dominates(values, j, i);
                }
            }
            for (int i = 0; i < n; i++) {
                if (next[i]) {
                    front[i] = level;
                    left--;
                }
            }
        }
        return front;
    }

    private static boolean dominates(double[][] values, int i, int j) {
        boolean better = false;
        for (var reward : values) {
            double a = Double.isNaN(reward[i]) ? Double.NEGATIVE_INFINITY : reward[i];
            double b = Double.isNaN(reward[j]) ? Double.NEGATIVE_INFINITY : reward[j];
            if (a < b) {
                return false;
            }
            better |= a > b;
        }
        return better;
    }

    /**
     * The factor c ≥ 0 for which weights exp(lambda·c·r) have an effective sample size of {@code share} of the rows:
     * a reward of any spread then selects equally hard. 0 where all rows are equal.
     *
     * @param share in (0, 1)
     */
    public static double factor(double[] rewards, double lambda, double share) {
        var r = Arrays.stream(rewards).filter(Double::isFinite).toArray();
        double most = Arrays.stream(r).max().orElse(0);
        double spread = most - Arrays.stream(r).min().orElse(0);
        if (r.length < 2 || spread == 0) {
            return 0;
        }
        DoubleUnaryOperator ess = c -> {
            double sum = 0;
            double squares = 0;
            for (double x : r) {
                double w = Math.exp(lambda * c * (x - most));
                sum += w;
                squares += w * w;
            }
            return sum * sum / squares;
        };
        double low = 0;
        double high = 1e3 / (lambda * spread);
        // More than one best row: no factor goes below their number.
        if (ess.applyAsDouble(high) > share * r.length) {
            return high;
        }
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (ess.applyAsDouble(middle) > share * r.length) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /**
     * The λ-harmonic mean 1 / (λ/a + (1 − λ)/b) of RPO (Miao et al. 2024, arXiv:2407.12164): large only if both are; what
     * is not positive counts as 0.
     */
    public static double harmonic(double a, double b, double lambda) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return Double.NaN;
        }
        return a <= 0 || b <= 0 ? 0 : 1 / (lambda / a + (1 - lambda) / b);
    }

    /** The mean of what is finite; NaN if nothing is. */
    public static double mean(double[] values) {
        return Arrays.stream(values).filter(Double::isFinite).average().orElse(Double.NaN);
    }

    /** The standard deviation, over n, of what is finite. */
    public static double deviation(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values)
                .filter(Double::isFinite)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElse(Double.NaN));
    }
}
