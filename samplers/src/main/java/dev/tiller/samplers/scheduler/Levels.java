// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.weights.ModelConfig;
import java.util.Arrays;

/**
 * The noise levels of a multistep solver, variance preserving: with ratio ρ = σ/α, α = 1/√(1 + ρ²) and λ = −log ρ. Level
 * {@code size()} is the end, ρ = 0.
 */
record Levels(double[] timesteps, double[] ratios) {
    /** How a solver makes whole timesteps of those that levels of its own fall on. */
    interface Whole {
        double of(ModelConfig config, double timestep);
    }

    static Levels of(ModelConfig config, int n, Whole whole) {
        config.only("use_exponential_sigmas", false);
        config.only("use_beta_sigmas", false);
        config.only("final_sigmas_type", "zero");
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear").positive();
        var grid = Grid.wholeAboveLowest(config, "linspace", schedule.steps(), n);
        if (!config.flag("use_karras_sigmas", false)) {
            return new Levels(grid, Arrays.stream(grid).map(schedule::ratio).toArray());
        }
        var ratios = Grid.karras(schedule.ratio(schedule.steps() - 1.0), schedule.ratio(0), n);
        return new Levels(
                Arrays.stream(ratios)
                        .map(ratio -> whole.of(config, schedule.timestep(ratio)))
                        .toArray(),
                ratios);
    }

    int size() {
        return timesteps.length;
    }

    double timestep(int i) {
        return timesteps[i];
    }

    double ratio(int i) {
        return i == ratios.length ? 0 : ratios[i];
    }

    double alpha(int i) {
        return 1 / Math.sqrt(1 + ratio(i) * ratio(i));
    }

    double sigma(int i) {
        return ratio(i) * alpha(i);
    }

    double lambda(int i) {
        return -Math.log(ratio(i));
    }
}
