// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.TillerException;
import java.util.Arrays;

/**
 * How far to follow g = ∂r(E[x₀ | x_t])/∂x_t at strength ρ. All but the first add to x_(t-1).
 */
public enum StepRule {
    /**
     * ρ g is added to the score of x_t, that is ρ (σ²/α) g to the estimate of x₀, whatever the solver: classifier guidance
     * (Dhariwal and Nichol 2021, algorithm 2), Universal Guidance with s(t) = ρ √(1 − ᾱ_t), the proposal of TDS (Wu et al.
     * 2023), and −ρ t/(1 − t) g on the velocity of a flow. With ρ = 1 and an exact reward of x_t it samples the tilt.
     */
    SCORE,
    /** ρ s² g with the variance s² of the move's noise (Dhariwal and Nichol 2021, algorithm 1; DAS, Kim et al. 2025). */
    VARIANCE,
    /** ρ g/√(−r), for r = −‖y − A x₀‖²: DPS (Chung et al. 2023), algorithm 1 with ζ = ρ. A reward above 0 is refused. */
    DISTANCE,
    /**
     * ρ of the size of what the noise contributes to x₀'s share of x_(t-1), whatever the size of g: ρ c (σ/α) rms(n̂) g/rms(g)
     * with c of {@link Stage#posteriorClean()}. FreeDoM (Yu et al. 2023), as its authors' code does it for CLIP with ρ = 0.02,
     * here for each row by itself.
     */
    RELATIVE,
    /** ρ g α_(t-1)/α_t: TFG (Ye et al. 2024), algorithm 1. */
    SCALED;

    /** For each row what g is multiplied by, before ρ. */
    <X extends Vectors<X>> double[] factors(Stage stage, X x, X clean, X gradient, double[] rewards) {
        var from = stage.from();
        var factors = new double[rewards.length];
        switch (this) {
            // A sample without signal says nothing of x₀, and a gradient that says it does has no finite weight.
            case SCORE -> Arrays.fill(factors, from.alpha() == 0 ? 0 : from.sigma() * from.sigma() / from.alpha());
            case VARIANCE -> Arrays.fill(factors, stage.std() * stage.std());
            case SCALED -> Arrays.fill(factors, from.alpha() == 0 ? 0 : 1 / stage.signalLeft());
            case DISTANCE ->
                Arrays.setAll(factors, i -> {
                    if (rewards[i] > 0) {
                        throw new TillerException("The step rule 'distance' is for a reward that is minus a squared"
                                + " distance, but the reward is " + rewards[i] + "; choose another rule.");
                    }
                    return rewards[i] == 0 ? 0 : 1 / Math.sqrt(-rewards[i]);
                });
            case RELATIVE -> {
                if (from.alpha() > 0) {
                    double c = stage.posteriorClean() / from.alpha();
                    var noise = norms(x, clean, from.alpha());
                    var length = Vectors.norms(gradient);
                    Arrays.setAll(factors, i -> length[i] > 0 ? c * noise[i] / length[i] : 0);
                }
            }
        }
        return factors;
    }

    /** The length of σ n̂ = x − α clean. */
    private static <X extends Vectors<X>> double[] norms(X x, X clean, double alpha) {
        try (X signal = clean.times(alpha);
                X noise = x.minus(signal)) {
            return Vectors.norms(noise);
        }
    }
}
