// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.smc.Key;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * The law of what an unguided {@link ToySampler} on the line makes, its steps' error included: the density of x_t on a fine
 * grid, moved step by step by its Gaussian kernel.
 */
final class LineLaw {
    private static final double END = 7;
    private static final int POINTS = 1401;
    private static final double H = 2 * END / (POINTS - 1);

    /** The samples that the grid's points lead to by the last move, which draws nothing. */
    private final double[] samples;

    private final double[] mass;

    LineLaw(ToySampler sampler) {
        var x = new double[POINTS];
        Arrays.setAll(x, i -> -END + i * H);
        var first = sampler.stages().get(0).from();
        var p = new double[POINTS];
        Arrays.setAll(p, i -> H * normal(x[i], Math.hypot(first.alpha(), first.sigma())));
        int last = sampler.steps() - 1;
        for (int step = 0; step < last; step++) {
            var means = means(sampler, step, x);
            double s = sampler.stages().get(step).std();
            var next = new double[POINTS];
            for (int i = 0; i < POINTS; i++) {
                for (int j = 0; j < POINTS; j++) {
                    next[j] += p[i] * H * normal(x[j] - means[i], s);
                }
            }
            p = next;
        }
        this.samples = means(sampler, last, x);
        this.mass = p;
    }

    private static double[] means(ToySampler sampler, int step, double[] x) {
        try (var at = ToyVectors.column(x);
                var look = sampler.look(step, at, false)) {
            return look.mean().column(0);
        }
    }

    private static double normal(double d, double s) {
        return Math.exp(-d * d / (2 * s * s)) / (s * Math.sqrt(2 * Math.PI));
    }

    double expectation(DoubleUnaryOperator f) {
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            sum += mass[i] * f.applyAsDouble(samples[i]);
        }
        return sum;
    }

    /** One sample of the sampler itself, to hold the law against. */
    static double[] drawn(ToySampler sampler, int n, Key key) {
        var x = sampler.start(n, key.at(0));
        for (int step = 0; step < sampler.steps(); step++) {
            try (var before = x;
                    var move = sampler.move(step, before, key.at(1 + step))) {
                x = move.next().copy();
            }
        }
        try (var end = x) {
            return end.column(0);
        }
    }
}
