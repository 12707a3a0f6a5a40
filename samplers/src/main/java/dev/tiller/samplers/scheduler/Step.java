// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.run.TillerException;
import java.util.List;

/**
 * One step of a {@link Scheduler}, as scalars. The sample x = α x₀ + σ n is shown to the network as inputScale · x at
 * {@code timestep}; from x and the network's output come the estimate of x₀, then the next sample, then what is
 * remembered for later steps.
 *
 * @param timestep the training index the network is told, in [0, training steps], not always whole
 * @param alpha α, the clean sample's share of x
 * @param sigma σ, the noise's standard deviation in x
 * @param inputScale what x is multiplied by before the network sees it
 * @param clean the estimate of x₀ from {@link Combination#SAMPLE} and {@link Combination#OUTPUT}
 * @param clip the bound that the estimate's magnitude is cut to; infinite for none
 * @param next the next sample
 * @param memory what is remembered, in the scheduler's number
 */
public record Step(
        double timestep,
        double alpha,
        double sigma,
        double inputScale,
        Combination clean,
        double clip,
        Combination next,
        List<Combination> memory) {
    /** @throws TillerException if a number is not finite */
    public Step {
        memory = List.copyOf(memory);
        if (!(Double.isFinite(timestep + alpha + sigma + inputScale) && clean.finite() && next.finite())) {
            throw new TillerException(
                    "The step at timestep " + timestep + " has a coefficient that is no finite number:"
                            + " the scheduler cannot go from there by this configuration; ask for fewer steps, or choose another"
                            + " scheduler.");
        }
    }

    /** A step that remembers nothing, does not clip, and shows x to the network as it is. */
    public Step(double timestep, double alpha, double sigma, Combination clean, Combination next) {
        this(timestep, alpha, sigma, 1, clean, Double.POSITIVE_INFINITY, next, List.of());
    }
}
