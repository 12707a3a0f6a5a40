// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

/**
 * How noisy a sample is: x = α x₀ + σ n with standard normal n. Variance preserving paths have α² + σ² = 1, flows α + σ = 1.
 *
 * @param alpha α, at least 0
 * @param sigma σ, at least 0; not both are 0
 */
public record Level(double alpha, double sigma) {
    /** Data without noise. */
    public static final Level CLEAN = new Level(1, 0);

    public Level {
        if (!(alpha >= 0 && sigma >= 0 && alpha + sigma > 0 && alpha + sigma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("no noise level: alpha " + alpha + ", sigma " + sigma);
        }
    }

    /** The level of a flow at time t in [0, 1]: α = 1 − t, σ = t. */
    public static Level flow(double t) {
        return new Level(1 - t, t);
    }

    /** The flow's time of equal signal-to-noise ratio, t = σ/(α + σ): 0 for data, 1 for noise. */
    public double time() {
        return sigma / (alpha + sigma);
    }
}
