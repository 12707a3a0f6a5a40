// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.smc.Key;

/**
 * What holds optimised noise to what the model was trained on, standard Gaussian noise: a price that is taken off the
 * reward, a projection after each step, or both. Rows are judged one by one.
 */
public interface NoisePrior {
    /** No price, no projection. */
    NoisePrior NONE = new NoisePrior() {
        @Override
        public String toString() {
            return "none";
        }
    };

    /**
     * The price of each row, in units of the reward.
     *
     * @param x the noise, kept by the caller
     * @param keys the randomness of each row at this iteration
     */
    default <X extends Vectors<X>> Price<X> price(X x, Key[] keys) {
        return new Price<>(new double[x.size()], x.times(0));
    }

    /**
     * Where a step ends, owned by the caller.
     *
     * @param next where the optimizer went, kept by the caller
     * @param from where it came from, kept by the caller
     */
    default <X extends Vectors<X>> X project(X next, X from) {
        return next.copy();
    }

    /** Whether the price is drawn at random, so that it differs from call to call. */
    default boolean isRandom() {
        return false;
    }

    /**
     * @param values what each row pays; 0 or less for what is as it should be
     * @param gradient d values[i] / d x[i], of x's shape; owned by the receiver
     */
    record Price<X extends Vectors<X>>(double[] values, X gradient) implements AutoCloseable {
        @Override
        public void close() {
            gradient.close();
        }
    }
}
