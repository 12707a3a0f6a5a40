// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A mixture of isotropic Gaussians, and what is known of it under x_t = α x₀ + σ n.
 *
 * @param weight of each component; they sum to 1
 * @param mean of each component
 * @param variance of each coordinate in a component
 */
record Mixture(double[] weight, double[][] mean, double[] variance) {
    static Mixture gaussian(double variance, double... mean) {
        return new Mixture(new double[] {1}, new double[][] {mean}, new double[] {variance});
    }

    /** On the line. */
    static Mixture line(double[] weight, double[] mean, double[] variance) {
        return new Mixture(
                weight, Arrays.stream(mean).mapToObj(m -> new double[] {m}).toArray(double[][]::new), variance);
    }

    int components() {
        return weight.length;
    }

    int dimension() {
        return mean[0].length;
    }

    private double spread(int k, Level level) {
        return level.alpha() * level.alpha() * variance[k] + level.sigma() * level.sigma();
    }

    /** log p(x_t). */
    double logDensity(Level level, double[] x) {
        return logSum(joint(level, x));
    }

    private double[] joint(Level level, double[] x) {
        var log = new double[components()];
        for (int k = 0; k < log.length; k++) {
            double s = spread(k, level);
            log[k] = Math.log(weight[k]) - x.length / 2.0 * Math.log(2 * Math.PI * s);
            for (int j = 0; j < x.length; j++) {
                double d = x[j] - level.alpha() * mean[k][j];
                log[k] -= d * d / (2 * s);
            }
        }
        return log;
    }

    private static double logSum(double[] log) {
        double max = Arrays.stream(log).max().orElseThrow();
        return max + Math.log(Arrays.stream(log).map(l -> Math.exp(l - max)).sum());
    }

    private double[] shares(Level level, double[] x) {
        var log = joint(level, x);
        double total = logSum(log);
        return Arrays.stream(log).map(l -> Math.exp(l - total)).toArray();
    }

    /** E[x₀ | x_t, component]. */
    private double[] clean(int k, Level level, double[] x) {
        double slope = level.alpha() * variance[k] / spread(k, level);
        var clean = new double[x.length];
        Arrays.setAll(clean, j -> mean[k][j] + slope * (x[j] - level.alpha() * mean[k][j]));
        return clean;
    }

    /** ∇ log p(x_t | component). */
    private double[] score(int k, Level level, double[] x) {
        var score = new double[x.length];
        Arrays.setAll(score, j -> -(x[j] - level.alpha() * mean[k][j]) / spread(k, level));
        return score;
    }

    /** ∇ log p(x_t). */
    double[] score(Level level, double[] x) {
        var share = shares(level, x);
        var sum = new double[x.length];
        for (int k = 0; k < share.length; k++) {
            var own = score(k, level, x);
            for (int j = 0; j < x.length; j++) {
                sum[j] += share[k] * own[j];
            }
        }
        return sum;
    }

    /** E[x₀ | x_t]. */
    double[] clean(Level level, double[] x) {
        var share = shares(level, x);
        var sum = new double[x.length];
        for (int k = 0; k < share.length; k++) {
            var own = clean(k, level, x);
            for (int j = 0; j < x.length; j++) {
                sum[j] += share[k] * own[j];
            }
        }
        return sum;
    }

    /** (∂E[x₀ | x_t]/∂x_t)ᵀ u: the slope within each component, and the shares' own change. */
    double[] pull(Level level, double[] x, double[] u) {
        var share = shares(level, x);
        var mean = clean(level, x);
        var total = score(level, x);
        var out = new double[x.length];
        for (int k = 0; k < share.length; k++) {
            var own = clean(k, level, x);
            var score = score(k, level, x);
            double along = 0;
            for (int j = 0; j < x.length; j++) {
                along += (own[j] - mean[j]) * u[j];
            }
            double slope = level.alpha() * variance[k] / spread(k, level);
            for (int j = 0; j < x.length; j++) {
                out[j] += share[k] * (slope * u[j] + (score[j] - total[j]) * along);
            }
        }
        return out;
    }

    /** p(x) exp(b·x − c‖x‖²/2)/Z, a mixture again by completing the square. */
    Mixture tilted(double[] b, double c) {
        var log = logTilts(b, c);
        double z = logSum(log);
        var means = new double[components()][dimension()];
        var variances = new double[components()];
        for (int k = 0; k < components(); k++) {
            variances[k] = 1 / (1 / variance[k] + c);
            for (int j = 0; j < dimension(); j++) {
                means[k][j] = variances[k] * (mean[k][j] / variance[k] + b[j]);
            }
        }
        return new Mixture(Arrays.stream(log).map(l -> Math.exp(l - z)).toArray(), means, variances);
    }

    /** log E[exp(b·x − c‖x‖²/2)]. */
    double logTilt(double[] b, double c) {
        return logSum(logTilts(b, c));
    }

    private double[] logTilts(double[] b, double c) {
        var log = new double[components()];
        for (int k = 0; k < log.length; k++) {
            double v = 1 / (1 / variance[k] + c);
            log[k] = Math.log(weight[k]) + dimension() / 2.0 * Math.log(v / variance[k]);
            for (int j = 0; j < dimension(); j++) {
                double m = v * (mean[k][j] / variance[k] + b[j]);
                log[k] += m * m / (2 * v) - mean[k][j] * mean[k][j] / (2 * variance[k]);
            }
        }
        return log;
    }

    /** On the line: P(x₀ ≤ x). */
    double cumulative(double x) {
        double sum = 0;
        for (int k = 0; k < components(); k++) {
            sum += weight[k] * new NormalDistribution(mean[k][0], Math.sqrt(variance[k])).cumulativeProbability(x);
        }
        return sum;
    }
}
