// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;
import static dev.tiller.samplers.scheduler.Combination.memory;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * UniPC, Zhao et al. 2023, of order up to 2 with B(h) = e^h − 1: every sample but the first is corrected by the new
 * estimate of x₀ before the next is predicted from it. Remembers the last two estimates and the last corrected sample.
 */
final class UniPc {
    private static final Combination LAST_SAMPLE = memory(2);

    private UniPc() {}

    static Scheduler plan(ModelConfig config, Request request) {
        config.only("solver_order", 1, 2);
        int order = config.integer("solver_order", 2);
        // The library reads the names of other solvers' variants as bh2.
        config.only("solver_type", "bh2", "midpoint", "heun", "logrho");
        config.only("predict_x0", true);
        config.only("lower_order_final", true);
        if (config.integers("disable_corrector").length > 0) {
            throw new TillerException(config.where() + ": disable_corrector is not supported unless it is empty.");
        }
        config.only("solver_p");
        config.only("use_flow_sigmas", false);
        config.only("use_dynamic_shifting", false);
        config.only("sigma_min");
        config.only("sigma_max");
        config.only("shift_terminal");
        config.inert("flow_shift", "time_shift_type");
        Solver.thresholdless(config);
        var prediction = Prediction.of(config);
        var levels = Levels.of(config, request.steps(), (c, timestep) -> Math.rint(timestep));

        var steps = new ArrayList<Step>();
        int before = 0;
        for (int i = 0; i < levels.size(); i++) {
            var corrected = i == 0 ? SAMPLE : corrected(levels, i, before);
            before = Math.min(Math.min(order, levels.size() - i), i + 1);
            steps.add(new Step(
                    levels.timestep(i),
                    levels.alpha(i),
                    levels.sigma(i),
                    1,
                    prediction.clean(levels.alpha(i), levels.sigma(i)),
                    Double.POSITIVE_INFINITY,
                    predicted(levels, i, before, corrected),
                    List.of(CLEAN, memory(0), corrected)));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, 3);
    }

    /** UniP from level i to i + 1. */
    private static Combination predicted(Levels levels, int i, int order, Combination sample) {
        double h = levels.lambda(i + 1) - levels.lambda(i);
        double grown = levels.alpha(i + 1) * -Math.expm1(-h);
        var first = sample.times(levels.sigma(i + 1) / levels.sigma(i)).plus(CLEAN.times(grown));
        if (order == 1) {
            return first;
        }
        double r = (levels.lambda(i - 1) - levels.lambda(i)) / h;
        return first.plus(memory(0).minus(CLEAN).times(0.5 * grown / r));
    }

    /** UniC: from level i − 1 to i again, now that x₀ has been estimated at i. */
    private static Combination corrected(Levels levels, int i, int order) {
        double h = levels.lambda(i) - levels.lambda(i - 1);
        double grown = levels.alpha(i) * -Math.expm1(-h);
        var first = LAST_SAMPLE
                .times(levels.sigma(i) / levels.sigma(i - 1))
                .plus(memory(0).times(grown));
        var newest = CLEAN.minus(memory(0));
        if (order == 1) {
            return first.plus(newest.times(0.5 * grown));
        }
        double r = (levels.lambda(i - 2) - levels.lambda(i - 1)) / h;
        double phi = Math.expm1(-h) / -h - 1;
        double b1 = phi / Math.expm1(-h);
        double b2 = 2 * (phi / -h - 0.5) / Math.expm1(-h);
        // The 2 × 2 system of the paper's theorem 3.1.
        double older = (b1 - b2) / (1 - r);
        return first.plus(memory(1).minus(memory(0)).times(older * grown / r)).plus(newest.times((b1 - older) * grown));
    }
}
