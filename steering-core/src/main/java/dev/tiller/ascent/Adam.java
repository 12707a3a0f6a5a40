// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import java.util.List;

/**
 * Adam (Kingma and Ba 2015) uphill, as {@code torch.optim.Adam}; with decay as {@code AdamW} (Loshchilov and Hutter 2019):
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g²
 * x = (1 - rate decay) x + rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * @param rate learning rate, above 0
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon above 0
 * @param decay at least 0; draws noise to zero
 */
public record Adam(double rate, double beta1, double beta2, double epsilon, double decay) implements Optimizer {
    public Adam {
        Checks.positive("learning rate", rate);
        Checks.fraction("beta1 of Adam", beta1);
        Checks.fraction("beta2 of Adam", beta2);
        Checks.positive("epsilon of Adam", epsilon);
        Checks.notNegative("weight decay", decay);
    }

    /** The usual betas, 0.9 and 0.999, and epsilon, 1e-8, without decay. */
    public static Adam of(double rate) {
        return new Adam(rate, 0.9, 0.999, 1e-8, 0);
    }

    @Override
    public <X extends Vectors<X>> Step<X> step(X x, double[] values, X gradient, Memory<X> memory) {
        int t = memory.steps() + 1;
        try (X squares = gradient.times(gradient)) {
            X m = mean(memory, 0, beta1, gradient);
            X v = mean(memory, 1, beta2, squares);
            try (X root = v.sqrt();
                    X corrected = root.times(1 / Math.sqrt(1 - Math.pow(beta2, t)));
                    X scale = corrected.plus(epsilon);
                    X direction = m.dividedBy(scale);
                    X decayed = x.times(1 - rate * decay)) {
                X next = Rows.add(decayed, rate / (1 - Math.pow(beta1, t)), direction);
                return new Step<>(next, new Memory<>(t, List.of(m, v), List.of()));
            }
        }
    }

    private static <X extends Vectors<X>> X mean(Memory<X> memory, int which, double beta, X value) {
        if (memory.vectors().isEmpty()) {
            return value.times(1 - beta);
        }
        try (X old = memory.vectors().get(which).times(beta)) {
            return Rows.add(old, 1 - beta, value);
        }
    }
}
