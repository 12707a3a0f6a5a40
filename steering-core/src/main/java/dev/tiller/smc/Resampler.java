// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * Draws a new population from a weighted one.
 *
 * <p>The law: for any function f, the weighted mean (1/m) sum of w'_i f(x_(a_i)) over the m children has the old
 * population's (1/n) sum of w_i f(x_i) as its expectation. With equal new weights that says that particle i has
 * m w_i / sum w children on average, and that each child weighs the mean of w, so that the estimate of Z stands.
 */
@FunctionalInterface
public interface Resampler {
    /**
     * Draws ancestors.
     *
     * @param w the old weights, not all zero
     * @param children the size of the new population, at least 1; any size
     * @param key the one source of randomness
     * @return as many ancestors as children, each in [0, w.size()), with their weights
     */
    Ancestry resample(LogWeights w, int children, Key key);
}
