// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.OUTPUT;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;
import static dev.tiller.samplers.scheduler.Combination.memory;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * PNDM with linear multisteps alone, Liu et al. 2022, equations 11 and 12, as Stable Diffusion 1 is published: the first
 * step is taken twice, the second time with the mean of two outputs, so n steps evaluate the network n + 1 times.
 * Remembers three outputs and the first sample.
 */
final class Pndm {
    /** Adams-Bashforth: weights of the newest output and of those before. */
    private static final double[][] ADAMS = {
        {1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0}, {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}
    };

    private static final Combination FIRST_SAMPLE = memory(3);

    private Pndm() {}

    static Scheduler plan(ModelConfig config, Request request) {
        if (!config.flag("skip_prk_steps", false)) {
            throw new TillerException(config.where()
                    + ": skip_prk_steps = false (Runge-Kutta steps first) is not supported; choose another scheduler.");
        }
        config.only("prediction_type", "epsilon", "v_prediction");
        // The library's class does not know it, and its steps, which begin with sqrt(1/ᾱ), cannot begin at ᾱ = 0.
        config.only("rescale_betas_zero_snr", false);
        var schedule = NoiseSchedule.of(config, 1e-4, 0.02, "linear");
        var prediction = Prediction.of(config);
        double end = config.flag("set_alpha_to_one", false) ? 1 : schedule.alphaBar(0);
        int n = request.steps();
        int stride = schedule.steps() / Math.max(1, n);
        var visits = visits(Grid.whole(config, "leading", schedule.steps(), n));
        var steps = new ArrayList<Step>();
        for (int i = 0; i < visits.length; i++) {
            int t = (int) visits[i];
            // The second visit repeats the first step, from the same sample.
            int from = i == 1 ? t + stride : t;
            int to = from - stride;
            var sample = i == 1 ? FIRST_SAMPLE : SAMPLE;
            var output = i == 1 ? OUTPUT.plus(memory(0)).times(0.5) : adams(Math.min(i < 2 ? i : i - 1, 3));
            double fromBar = schedule.alphaBar(from);
            double toBar = to >= 0 ? schedule.alphaBar(to) : end;
            double alpha = Math.sqrt(schedule.alphaBar(t));
            double sigma = Math.sqrt(1 - schedule.alphaBar(t));
            steps.add(new Step(
                    t,
                    alpha,
                    sigma,
                    1,
                    prediction.clean(alpha, sigma),
                    Double.POSITIVE_INFINITY,
                    transfer(prediction, sample, output, fromBar, toBar),
                    i == 1
                            ? List.of(memory(0), memory(1), memory(2), memory(3))
                            : List.of(OUTPUT, memory(0), memory(1), i == 0 ? SAMPLE : memory(3))));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 4);
    }

    /** The falling grid with its second timestep twice; a single one stays single. */
    private static double[] visits(double[] grid) {
        if (grid.length == 1) {
            return grid;
        }
        var visits = new double[grid.length + 1];
        Arrays.setAll(visits, i -> grid[i < 2 ? i : i - 1]);
        return visits;
    }

    private static Combination adams(int older) {
        var sum = OUTPUT.times(ADAMS[older][0]);
        for (int k = 1; k <= older; k++) {
            sum = sum.plus(memory(k - 1).times(ADAMS[older][k]));
        }
        return sum;
    }

    /** Equation 11: the sample moved from one noise level to another along the noise that the output stands for. */
    private static Combination transfer(
            Prediction prediction, Combination sample, Combination output, double from, double to) {
        var noise = prediction == Prediction.V_PREDICTION
                ? output.times(Math.sqrt(from)).plus(sample.times(Math.sqrt(1 - from)))
                : output;
        double denominator = from * Math.sqrt(1 - to) + Math.sqrt(from * (1 - from) * to);
        return sample.times(Math.sqrt(to / from)).minus(noise.times((to - from) / denominator));
    }
}
