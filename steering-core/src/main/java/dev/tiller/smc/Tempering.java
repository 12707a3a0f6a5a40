// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * How much of lambda counts early: at step t the rewards enter the {@link RewardPath} as lambda_t r, with
 * lambda_t = lambda times this fraction. The last step always has all of lambda.
 */
@FunctionalInterface
public interface Tempering {
    /** All of it from the start. */
    Tempering NONE = (step, steps) -> 1;

    /** Growing in proportion to the steps made. */
    Tempering LINEAR = (step, steps) -> (step + 1.0) / steps;

    /** The fraction at {@code step} of {@code steps}, finite, as a rule in [0, 1]. */
    double at(int step, int steps);
}
