// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.Arrays;

/**
 * Where a run stands after a step, in the words of a progress line.
 *
 * @param step the step just made, in [0, steps)
 * @param steps of the whole run
 * @param particles in the population now
 * @param ess effective sample size of the population now, in [1, particles]
 * @param bestReward largest of the last scored rewards of the population; NaN before any was scored
 * @param resampled whether the population was resampled in this step
 * @param cost of the run so far
 */
public record StepReport(
        int step, int steps, int particles, double ess, double bestReward, boolean resampled, Cost cost) {
    /** The largest of the rewards that are finite, as that of a particle that was given up need not be; NaN if none is. */
    public static double best(double[] rewards) {
        return Arrays.stream(rewards).filter(Double::isFinite).max().orElse(Double.NaN);
    }
}
