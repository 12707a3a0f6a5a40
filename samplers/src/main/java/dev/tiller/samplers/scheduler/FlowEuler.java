// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.OUTPUT;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * Euler steps of a rectified flow, x = (1 − σ) x₀ + σ n with velocity n − x₀, at noise levels shifted for resolution
 * (Esser et al. 2024, section 5.3.2): by a fixed factor, or by e^μ where the configuration shifts dynamically.
 */
final class FlowEuler {
    private FlowEuler() {}

    static Scheduler plan(ModelConfig config, Request request) {
        int training = config.integer("num_train_timesteps", 1000);
        double fixed = config.number("shift", 1);
        boolean dynamic = config.flag("use_dynamic_shifting", false);
        config.only("time_shift_type", "exponential");
        config.only("invert_sigmas", false);
        config.only("shift_terminal");
        config.only("use_karras_sigmas", false);
        config.only("use_exponential_sigmas", false);
        config.only("use_beta_sigmas", false);
        config.only("stochastic_sampling", false);
        // With these a pipeline finds μ from the picture's size.
        config.inert("base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len");
        if (dynamic != request.mu().isPresent()) {
            throw new TillerException(
                    dynamic
                            ? "This scheduler shifts dynamically: give mu."
                            : "This scheduler's shift is fixed: no mu.");
        }
        if (request.steps() < 1) {
            throw new TillerException("The number of steps must be at least 1.");
        }
        double shift = dynamic ? Math.exp(request.mu().getAsDouble()) : fixed;
        // The library's range is of levels already shifted, unless it shifts dynamically; they are shifted once more.
        double lowest = shifted(1.0 / training, dynamic ? 1 : fixed);
        var levels = request.sigmas().length > 0 ? request.sigmas() : Grid.linspace(1, lowest, request.steps());
        var sigmas = Arrays.stream(levels).map(s -> shifted(s, shift)).toArray();
        var steps = new ArrayList<Step>();
        for (int i = 0; i < sigmas.length; i++) {
            double to = i + 1 < sigmas.length ? sigmas[i + 1] : 0;
            if (!(sigmas[i] > to && sigmas[i] <= 1)) {
                throw new TillerException("The noise levels of a flow must fall from at most 1 to above 0.");
            }
            steps.add(new Step(
                    sigmas[i] * training,
                    1 - sigmas[i],
                    sigmas[i],
                    Prediction.FLOW.clean(1 - sigmas[i], sigmas[i]),
                    SAMPLE.plus(OUTPUT.times(to - sigmas[i]))));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 0);
    }

    private static double shifted(double sigma, double shift) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }
}
