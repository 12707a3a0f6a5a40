// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.Arrays;
import java.util.List;

/**
 * DDIM, Song, Meng and Ermon 2021, equations 12 and 16: x' = √ᾱ' x₀ + √(1 − ᾱ' − s²) n + s z, with s² = η² (1 − ᾱ')/(1
 * − ᾱ) (1 − ᾱ/ᾱ').
 */
final class Ddim {
    private Ddim() {}

    static Scheduler plan(ModelConfig config, Request request) {
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear");
        var prediction = Prediction.of(config);
        double clip = Solver.clip(config, true);
        double eta = request.eta().orElse(0);
        double end = config.flag("set_alpha_to_one", true) ? 1 : schedule.alphaBar(0);
        int stride = schedule.steps() / Math.max(1, request.steps());
        var grid = Grid.whole(config, "leading", schedule.steps(), request.steps());
        var steps = Arrays.stream(grid)
                .mapToObj(t -> {
                    int before = (int) t - stride;
                    return step(
                            prediction,
                            t,
                            schedule.alphaBar((int) t),
                            before >= 0 ? schedule.alphaBar(before) : end,
                            eta,
                            clip);
                })
                .toList();
        return new Scheduler(config.text("_class_name", ""), steps, 1, 0);
    }

    private static Step step(Prediction prediction, double t, double from, double to, double eta, double clip) {
        double variance = eta * eta * (1 - to) / (1 - from) * (1 - from / to);
        double direction = 1 - to - variance;
        if (direction < -1e-6) {
            throw new TillerException("eta = " + eta + " is too large: at timestep " + (int) t
                    + " there is more fresh noise than noise; eta from 0 to 1 always works.");
        }
        double alpha = Math.sqrt(from);
        double sigma = Math.sqrt(1 - from);
        // With zero terminal SNR and eta 1 the direction is zero but for rounding, which must not meet the root.
        var next = CLEAN.times(Math.sqrt(to))
                .plus(prediction.noise(alpha, sigma).times(Math.sqrt(Math.max(0, direction))))
                .plus(NOISE.times(Math.sqrt(variance)));
        return new Step(t, alpha, sigma, 1, prediction.clean(alpha, sigma), clip, next, List.of());
    }
}
