// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;

/**
 * Multistep consistency sampling, Luo et al. 2023, algorithm 3: estimate x₀, put fresh noise on it, again. The estimate
 * is c_skip x + c_out x₀, the boundary condition of consistency models.
 */
final class Lcm {
    private static final double SIGMA_DATA = 0.5;

    private Lcm() {}

    static Scheduler plan(ModelConfig config, Request request) {
        var schedule = NoiseSchedule.of(config, 0.00085, 0.012, "scaled_linear");
        var prediction = Prediction.of(config);
        Solver.thresholdless(config);
        config.only("clip_sample", false);
        // LCM visits the timesteps that it was distilled at.
        config.inert("clip_sample_range", "set_alpha_to_one", "steps_offset", "timestep_spacing");
        int distilled = config.integer("original_inference_steps", 50);
        double scaling = config.number("timestep_scaling", 10);
        int n = request.steps();
        if (n < 1 || n > distilled || distilled > schedule.steps()) {
            throw new TillerException("LCM was distilled at " + distilled + " timesteps: ask for 1 to " + distilled
                    + " steps, and not " + n + ".");
        }
        int stride = schedule.steps() / distilled;
        var grid = new int[n];
        for (int i = 0; i < n; i++) {
            grid[i] = (distilled - (int) ((long) i * distilled / n)) * stride - 1;
        }
        var steps = new ArrayList<Step>();
        for (int i = 0; i < n; i++) {
            double alpha = Math.sqrt(schedule.alphaBar(grid[i]));
            double sigma = Math.sqrt(1 - schedule.alphaBar(grid[i]));
            double scaled = grid[i] * scaling;
            double square = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
            var clean = SAMPLE.times(SIGMA_DATA * SIGMA_DATA / square)
                    .plus(prediction.clean(alpha, sigma).times(scaled / Math.sqrt(square)));
            double to = i + 1 < n ? schedule.alphaBar(grid[i + 1]) : 1;
            var next = CLEAN.times(Math.sqrt(to)).plus(NOISE.times(Math.sqrt(1 - to)));
            steps.add(new Step(grid[i], alpha, sigma, clean, next));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 0);
    }
}
