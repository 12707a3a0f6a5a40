// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * The rewards of one particle and its ancestors so far, each as lambda_t r, in nats.
 *
 * @param step the step of {@code current}; -1 before the first scoring
 * @param previous the value scored before; 0 at the first scoring
 * @param current the value scored now
 * @param best the largest so far; -infinity before the first scoring
 * @param sum of all so far
 */
public record RewardPath(int step, double previous, double current, double best, double sum) {
    /** Nothing scored yet. */
    public static final RewardPath START = new RewardPath(-1, 0, 0, Double.NEGATIVE_INFINITY, 0);

    /** This path with one more value. */
    public RewardPath then(int atStep, double value) {
        return new RewardPath(atStep, current, value, Math.max(best, value), sum + value);
    }
}
