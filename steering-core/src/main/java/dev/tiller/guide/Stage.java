// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

/**
 * One move of a {@link GuidableKernel}, as scalars.
 *
 * @param from the level of x_t
 * @param to the level of x_(t-1)
 * @param std the standard deviation of the move's noise; 0 where it draws none
 */
public record Stage(Level from, Level to, double std) {
    /** α_(t)/α_(t-1), what is left of the signal when x_(t-1) is noised to x_t. */
    public double signalLeft() {
        return from.alpha() / to.alpha();
    }

    /** The variance of q(x_t | x_(t-1)): σ_t² − (α_t/α_(t-1))² σ_(t-1)². */
    public double renoiseVariance() {
        double kept = signalLeft() * to.sigma();
        return Math.max(0, from.sigma() * from.sigma() - kept * kept);
    }

    /** The share of x₀ in the mean of q(x_(t-1) | x_t, x₀), equation 7 of Ho et al. 2020 for any α and σ. */
    public double posteriorClean() {
        return to.alpha() * renoiseVariance() / (from.sigma() * from.sigma());
    }
}
