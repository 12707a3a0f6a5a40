// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;
import static dev.tiller.samplers.scheduler.Combination.OUTPUT;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Euler steps of a rectified flow, x = (1 − σ) x₀ + σ n with velocity n − x₀, at noise levels shifted for resolution
 * (Esser et al. 2024, section 5.3.2): by a fixed factor, or by e^μ where the configuration shifts dynamically.
 *
 * <p>With η &gt; 0 noise is drawn and as much of the old is forgotten, so that the marginals stay: x' = (1 − σ') x₀ + √(σ'² − s²)
 * n + s z, with s = η times the deviation of q(x' | x, x₀); η = 1 is ancestral sampling on the flow's path. In the limit of
 * fine steps it is the flow's stochastic differential equation with the same marginals.
 *
 * <p>A network of a variance preserving path runs as a flow too: with c = 1/√((1 − t)² + t²) its sample is c ((1 − t) x₀ + t n),
 * so it is shown c x at the timestep of the same ratio σ/α = t/(1 − t).
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
                            ? "This scheduler shifts dynamically, by a mu that a pipeline finds from the picture's size: give mu"
                                    + " (Request.mu; runs give none), or let the configuration say shift and no"
                                    + " use_dynamic_shifting."
                            : "This scheduler's shift is fixed: no mu.");
        }
        if (request.steps() < 1) {
            throw new TillerException("The number of steps must be at least 1.");
        }
        double eta = request.eta().orElse(0);
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
                    next(Prediction.FLOW, sigmas[i], to, eta)));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 0);
    }

    /** The flow of a checkpoint that predicts noise, v or x₀: t falls in equal steps from where its training ends. */
    static Scheduler ofDiffusion(ModelConfig config, Request request) {
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear").positive();
        var prediction = Prediction.of(config);
        int n = request.steps();
        if (n < 1) {
            throw new TillerException("The number of steps must be at least 1.");
        }
        double most = schedule.ratio(schedule.steps() - 1.0);
        var times = Grid.linspace(most / (1 + most), 0, n + 1);
        var steps = new ArrayList<Step>();
        for (int i = 0; i < n; i++) {
            double t = times[i];
            steps.add(new Step(
                    schedule.timestep(t / (1 - t)),
                    1 - t,
                    t,
                    1 / Math.hypot(1 - t, t),
                    prediction.clean(1 - t, t),
                    Double.POSITIVE_INFINITY,
                    next(prediction, t, times[i + 1], request.eta().orElse(0)),
                    List.of()));
        }
        return new Scheduler(config.text("_class_name", ""), steps, Math.hypot(1 - times[0], times[0]), 0);
    }

    private static Combination next(Prediction prediction, double from, double to, double eta) {
        if (eta == 0 && prediction == Prediction.FLOW) {
            return SAMPLE.plus(OUTPUT.times(to - from));
        }
        double kept = (1 - from) * to / ((1 - to) * from);
        double s = eta * to * Math.sqrt(1 - kept * kept);
        if (s > to * (1 + 1e-12)) {
            throw new TillerException("eta = " + eta + " is too large: at time " + from
                    + " there is more fresh noise than noise; eta from 0 to 1 always works.");
        }
        return CLEAN.times(1 - to)
                .plus(prediction.noise(1 - from, from).times(Math.sqrt(Math.max(0, to * to - s * s))))
                .plus(NOISE.times(s));
    }

    private static double shifted(double sigma, double shift) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }
}
