// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.Arrays;

/**
 * The noise levels a network was trained at: ᾱ_t for t = 0, ..., steps − 1, so that x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) n.
 */
final class NoiseSchedule {
    /** A hundred times what networks are trained at; the levels of more would not fit into memory. */
    private static final int MOST_STEPS = 100_000;

    private final double[] alphaBar;

    private NoiseSchedule(double[] alphaBar) {
        this.alphaBar = alphaBar;
    }

    /** From {@code num_train_timesteps}, {@code beta_*}, {@code trained_betas} and {@code rescale_betas_zero_snr}. */
    static NoiseSchedule of(ModelConfig config, double betaStart, double betaEnd, String shape) {
        int steps = config.integer("num_train_timesteps", 1000);
        double first = config.number("beta_start", betaStart);
        double last = config.number("beta_end", betaEnd);
        config.only("beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2");
        var kind = config.text("beta_schedule", shape);
        double[] betas = config.numbers("trained_betas");
        if (betas.length == 0) {
            if (steps < 2 || steps > MOST_STEPS) {
                throw new TillerException(config.where() + ": num_train_timesteps must be from 2 to " + MOST_STEPS
                        + ", and not " + steps + ".");
            }
            betas = switch (kind) {
                case "linear" -> Grid.linspace(first, last, steps);
                case "scaled_linear" ->
                    Arrays.stream(Grid.linspace(Math.sqrt(first), Math.sqrt(last), steps))
                            .map(b -> b * b)
                            .toArray();
                default -> cosine(steps);
            };
        }
        if (betas.length < 2) {
            throw new TillerException(config.where() + ": trained_betas must have at least 2 numbers.");
        }
        for (double beta : betas) {
            if (!(beta > 0 && beta < 1)) {
                throw new TillerException(config.where() + ": the betas must lie between 0 and 1, and one is " + beta
                        + "; mend beta_start, beta_end or trained_betas.");
            }
        }
        var schedule = ofBetas(betas);
        return config.flag("rescale_betas_zero_snr", false) ? schedule.zeroTerminal() : schedule;
    }

    static NoiseSchedule ofBetas(double[] betas) {
        var alphaBar = betas.clone();
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            alphaBar[t] = product;
        }
        return new NoiseSchedule(alphaBar);
    }

    /** Nichol and Dhariwal 2021, equation 17, with betas at most 0.999. */
    private static double[] cosine(int steps) {
        var betas = new double[steps];
        Arrays.setAll(
                betas, t -> Math.min(1 - squaredCosine((t + 1.0) / steps) / squaredCosine((double) t / steps), 0.999));
        return betas;
    }

    private static double squaredCosine(double t) {
        double c = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
        return c * c;
    }

    /** Lin et al. 2024, algorithm 1: √ᾱ shifted and scaled so that it ends at 0 and begins where it did. */
    private NoiseSchedule zeroTerminal() {
        double first = Math.sqrt(alphaBar[0]);
        double last = Math.sqrt(alphaBar[steps() - 1]);
        return new NoiseSchedule(Arrays.stream(alphaBar)
                .map(a -> (Math.sqrt(a) - last) * first / (first - last))
                .map(root -> root * root)
                .toArray());
    }

    /** With 2⁻²⁴ where ᾱ is 0: where samples are scaled by 1/√ᾱ, zero has no meaning. */
    NoiseSchedule positive() {
        return new NoiseSchedule(
                Arrays.stream(alphaBar).map(a -> a == 0 ? 0x1p-24 : a).toArray());
    }

    /** The number of training steps. */
    int steps() {
        return alphaBar.length;
    }

    /** ᾱ_t, for t in [0, steps). */
    double alphaBar(int t) {
        return alphaBar[t];
    }

    /** σ_t/α_t = √((1 − ᾱ)/ᾱ), interpolated linearly between whole t. */
    double ratio(double t) {
        int low = (int) Math.max(0, Math.min(Math.floor(t), steps() - 2));
        double w = Math.min(t - low, 1);
        return (1 - w) * ratioAt(low) + w * ratioAt(low + 1);
    }

    private double ratioAt(int t) {
        return Math.sqrt((1 - alphaBar[t]) / alphaBar[t]);
    }

    /** The t with {@link #ratio} as given, interpolated linearly in log ratio; cut to [0, steps − 1]. */
    double timestep(double ratio) {
        int low = 0;
        while (low < steps() - 2 && ratioAt(low + 1) <= ratio) {
            low++;
        }
        double from = Math.log(ratioAt(low));
        double to = Math.log(ratioAt(low + 1));
        return low + Math.max(0, Math.min((Math.log(ratio) - from) / (to - from), 1));
    }
}
