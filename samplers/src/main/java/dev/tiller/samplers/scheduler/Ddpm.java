// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Ancestral sampling, Ho, Jain and Abbeel 2020, equations 6 and 7: the posterior of x' given x and x₀, whose variance is
 * its own (fixed_small) or that of the forward step (fixed_large).
 */
final class Ddpm {
    private Ddpm() {}

    static Scheduler plan(ModelConfig config, Request request) {
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear");
        var prediction = Prediction.of(config);
        double clip = Solver.clip(config, true);
        config.only("variance_type", "fixed_small", "fixed_small_log", "fixed_large");
        boolean large = config.text("variance_type", "fixed_small").equals("fixed_large");
        double[] own = Grid.whole(config, "leading", schedule.steps(), request.steps());
        var grid = request.timesteps().length == 0 ? own : Grid.given(request.timesteps(), schedule.steps());
        var steps = new ArrayList<Step>();
        for (int i = 0; i < grid.length; i++) {
            int t = (int) grid[i];
            double from = schedule.alphaBar(t);
            double to = i + 1 < grid.length ? schedule.alphaBar((int) grid[i + 1]) : 1;
            double beta = 1 - from / to;
            double posterior = (1 - to) / (1 - from) * beta;
            double variance = t == 0 ? 0 : large ? beta : posterior;
            double alpha = Math.sqrt(from);
            double sigma = Math.sqrt(1 - from);
            var next = CLEAN.times(Math.sqrt(to) * beta / (1 - from))
                    .plus(SAMPLE.times(Math.sqrt(1 - beta) * (1 - to) / (1 - from)))
                    .plus(NOISE.times(Math.sqrt(variance)));
            steps.add(new Step(t, alpha, sigma, 1, prediction.clean(alpha, sigma), clip, next, List.of()));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 0);
    }
}
