// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Euler steps of the probability flow in x = x₀ + σ n (Karras et al. 2022, algorithm 1 without churn), and their
 * ancestral form, which goes further down and puts noise back.
 */
final class Euler {
    private Euler() {}

    static Scheduler plan(ModelConfig config, Request request) {
        config.only("interpolation_type", "linear");
        config.only("use_exponential_sigmas", false);
        config.only("use_beta_sigmas", false);
        config.only("sigma_min");
        config.only("sigma_max");
        config.only("timestep_type", "discrete");
        config.only("final_sigmas_type", "zero");
        return plan(config, request, config.flag("use_karras_sigmas", false), false);
    }

    static Scheduler ancestral(ModelConfig config, Request request) {
        return plan(config, request, false, true);
    }

    private static Scheduler plan(ModelConfig config, Request request, boolean karras, boolean ancestral) {
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear").positive();
        var prediction = Prediction.of(config);
        int n = request.steps();
        var grid = Grid.of(config, "linspace", schedule.steps(), n, n);
        var sigmas = Arrays.stream(grid).map(schedule::ratio).toArray();
        if (karras) {
            sigmas = Grid.karras(sigmas[0], sigmas[n - 1], n);
            grid = Arrays.stream(sigmas).map(schedule::timestep).toArray();
        }
        var steps = new ArrayList<Step>();
        for (int i = 0; i < n; i++) {
            double from = sigmas[i];
            double to = i + 1 < n ? sigmas[i + 1] : 0;
            double up = ancestral ? to * Math.sqrt(1 - to * to / (from * from)) : 0;
            double down = Math.sqrt(to * to - up * up);
            var next =
                    SAMPLE.times(down / from).plus(CLEAN.times(1 - down / from)).plus(NOISE.times(up));
            steps.add(new Step(
                    grid[i],
                    1,
                    from,
                    1 / Math.sqrt(1 + from * from),
                    prediction.clean(1, from),
                    Double.POSITIVE_INFINITY,
                    next,
                    List.of()));
        }
        boolean leading = config.text("timestep_spacing", "linspace").equals("leading");
        return new Scheduler(
                config.text("_class_name", ""),
                steps,
                // The library's rule: a grid that begins below the last training step starts from noise and its signal.
                leading ? Math.sqrt(sigmas[0] * sigmas[0] + 1) : sigmas[0],
                0);
    }
}
