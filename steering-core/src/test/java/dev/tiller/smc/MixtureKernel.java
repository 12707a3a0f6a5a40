// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.stream.IntStream;

/**
 * Exact ancestral sampling of a mixture of Gaussians on the line under x_t = a_t x_0 + sigma_t noise,
 * a_t = cos(0.95 pi t / 2T): every move draws from the true p(x_(t-1) | x_t), so the last population has the law of the
 * data, and {@code clean} is the true E[x_0 | x_t].
 */
public final class MixtureKernel implements Kernel<ToyBatch> {
    private final int steps;
    private final double[] weight;
    private final double[] mean;
    private final double[] sd;
    /** [t][k]: mean and variance of x_t in a component. */
    private final Gaussian[][] marginal;
    /** [t][k]: how x_(t-1) and x_0 depend on x_t in a component. */
    private final Regression[][] onNext;

    private final Regression[][] onClean;

    private record Gaussian(double mean, double sd) {
        double density(double x) {
            double z = (x - mean) / sd;
            return Math.exp(-z * z / 2) / sd;
        }
    }

    private record Regression(double offset, double slope, double sd) {
        double at(double x) {
            return offset + slope * x;
        }
    }

    public MixtureKernel(int steps, double[] weight, double[] mean, double[] sd) {
        this.steps = steps;
        this.weight = weight;
        this.mean = mean;
        this.sd = sd;
        this.marginal = new Gaussian[steps + 1][weight.length];
        this.onNext = new Regression[steps + 1][weight.length];
        this.onClean = new Regression[steps + 1][weight.length];
        for (int t = 0; t <= steps; t++) {
            for (int k = 0; k < weight.length; k++) {
                marginal[t][k] = new Gaussian(a(t) * mean[k], Math.sqrt(variance(t, k)));
                if (t > 0) {
                    onNext[t][k] = posterior(t, t - 1, k);
                    onClean[t][k] = posterior(t, 0, k);
                }
            }
        }
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public ToyBatch start(int n, Key key) {
        return new ToyBatch(IntStream.range(0, n)
                .mapToDouble(i -> {
                    var random = key.at(i).generator();
                    var component = marginal[steps][pick(weight, random.nextDouble())];
                    return component.mean() + component.sd() * random.nextGaussian();
                })
                .toArray());
    }

    @Override
    public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
        int t = steps - step;
        var next = new double[x.size()];
        var clean = new double[x.size()];
        for (int i = 0; i < next.length; i++) {
            var random = key.at(i).generator();
            var share = responsibilities(t, x.get(i));
            for (int k = 0; k < share.length; k++) {
                clean[i] += share[k] * onClean[t][k].at(x.get(i));
            }
            var component = onNext[t][pick(share, random.nextDouble())];
            next[i] = component.at(x.get(i)) + component.sd() * random.nextGaussian();
        }
        return new Move<>(new ToyBatch(next), new ToyBatch(clean), new double[next.length]);
    }

    /** x_u given x_t in a component. */
    private Regression posterior(int t, int u, int k) {
        double r = a(t) / a(u);
        double q = sigma2(t) - r * r * sigma2(u);
        double precision = 1 / variance(u, k) + r * r / q;
        return new Regression(a(u) * mean[k] / variance(u, k) / precision, r / q / precision, Math.sqrt(1 / precision));
    }

    private double[] responsibilities(int t, double x) {
        var share = new double[weight.length];
        double total = 0;
        for (int k = 0; k < share.length; k++) {
            share[k] = weight[k] * marginal[t][k].density(x);
            total += share[k];
        }
        for (int k = 0; k < share.length; k++) {
            share[k] /= total;
        }
        return share;
    }

    private static int pick(double[] probability, double u) {
        int k = 0;
        double reached = probability[0];
        while (k < probability.length - 1 && reached <= u) {
            reached += probability[++k];
        }
        return k;
    }

    private double variance(int t, int k) {
        return a(t) * a(t) * sd[k] * sd[k] + sigma2(t);
    }

    private double a(int t) {
        return Math.cos(0.475 * Math.PI * t / steps);
    }

    private double sigma2(int t) {
        return 1 - a(t) * a(t);
    }
}
