// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;

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

    /**
     * DAS (Kim et al. 2025), section 4: (1 + gamma)^(steps made) - 1, until it reaches 1. The published gamma is 0.008 for 100
     * steps; {@code Math.pow(2, 1.0 / steps) - 1} reaches 1 at the last step. The authors' code guides the move
     * from x_t by this fraction and weighs x_t by that of one step less; here it serves both, so the weights grow a step earlier,
     * towards the same target.
     *
     * @param gamma above 0
     * @throws TillerException if it is not
     */
    static Tempering growing(double gamma) {
        if (!(gamma > 0 && gamma < Double.POSITIVE_INFINITY)) {
            throw new TillerException("The growth of the tempering must be above 0, not " + gamma + ".");
        }
        return (step, steps) -> Math.min(1, Math.pow(1 + gamma, step + 1.0) - 1);
    }

    /** The fraction at {@code step} of {@code steps}, finite, as a rule in [0, 1]. */
    double at(int step, int steps);
}
