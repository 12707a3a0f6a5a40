// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.CLEAN;
import static dev.tiller.samplers.scheduler.Combination.NOISE;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;
import static dev.tiller.samplers.scheduler.Combination.memory;

import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * DPM-Solver++, Lu et al. 2022: multistep in λ = log α/σ with h = λ' − λ, of order up to 3 as an ODE and up to 2 as an
 * SDE. D₁ and D₂ are divided differences of the estimates of x₀.
 */
final class DpmSolver {
    private DpmSolver() {}

    static Scheduler plan(ModelConfig config, Request request) {
        config.only("algorithm_type", "dpmsolver++", "sde-dpmsolver++");
        boolean sde = config.text("algorithm_type", "dpmsolver++").equals("sde-dpmsolver++");
        // The library reads the names of other solvers' variants as midpoint.
        config.only("solver_type", "midpoint", "logrho", "bh1", "bh2");
        if (sde) {
            config.only("solver_order", 1, 2);
        } else {
            config.only("solver_order", 1, 2, 3);
        }
        int order = config.integer("solver_order", 2);
        boolean lowerLast = config.flag("lower_order_final", true);
        config.only("use_lu_lambdas", false);
        config.only("use_flow_sigmas", false);
        config.only("lambda_min_clipped", Double.NEGATIVE_INFINITY);
        config.only("variance_type", "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log");
        config.only("use_dynamic_shifting", false);
        config.inert("flow_shift", "time_shift_type", "euler_at_final");
        if (config.flag("use_karras_sigmas", false)) {
            // Not options of this solver, but the library's Karras levels go by them where they are carried along.
            config.only("sigma_min");
            config.only("sigma_max");
        }
        Solver.thresholdless(config);
        var prediction = Prediction.of(config);
        var levels = Levels.of(config, request.steps(), DpmSolver::whole);

        int n = levels.size();
        var steps = new ArrayList<Step>();
        for (int i = 0; i < n; i++) {
            // Few steps end with lower orders; the very last, to σ = 0 where λ is infinite, is always of the first.
            boolean few = lowerLast && n < 15;
            int highest = i == n - 1 ? 1 : i == n - 2 && few ? 2 : 3;
            var next = next(levels, i, Math.min(Math.min(order, i + 1), highest), sde);
            steps.add(new Step(
                    levels.timestep(i),
                    levels.alpha(i),
                    levels.sigma(i),
                    1,
                    prediction.clean(levels.alpha(i), levels.sigma(i)),
                    Double.POSITIVE_INFINITY,
                    next,
                    remember(order - 1)));
        }
        return new Scheduler(config.text("_class_name", ""), steps, 1, order - 1);
    }

    /** The library rounds the timesteps of Karras' levels, but of the cosine schedule, whose fractions it cuts off. */
    private static double whole(ModelConfig config, double timestep) {
        return config.text("beta_schedule", "linear").equals("squaredcos_cap_v2")
                ? Math.floor(timestep)
                : Math.rint(timestep);
    }

    /** The last k estimates of x₀, the newest first. */
    static List<Combination> remember(int k) {
        return IntStream.range(0, k)
                .mapToObj(j -> j == 0 ? CLEAN : memory(j - 1))
                .toList();
    }

    private static Combination next(Levels levels, int i, int order, boolean sde) {
        double h = levels.lambda(i + 1) - levels.lambda(i);
        double shrink = levels.sigma(i + 1) / levels.sigma(i);
        double alpha = levels.alpha(i + 1);
        double decay = Math.exp(-h);
        if (sde) {
            double renewed = 1 - decay * decay;
            var first = SAMPLE.times(shrink * decay)
                    .plus(CLEAN.times(alpha * renewed))
                    .plus(NOISE.times(levels.sigma(i + 1) * Math.sqrt(renewed)));
            return order == 1 ? first : first.plus(slope(levels, i, h, 0).times(0.5 * alpha * renewed));
        }
        var first = SAMPLE.times(shrink).plus(CLEAN.times(alpha * (1 - decay)));
        if (order == 1) {
            return first;
        }
        var d = slope(levels, i, h, 0);
        if (order == 2) {
            return first.plus(d.times(0.5 * alpha * (1 - decay)));
        }
        double r0 = (levels.lambda(i) - levels.lambda(i - 1)) / h;
        double r1 = (levels.lambda(i - 1) - levels.lambda(i - 2)) / h;
        var bend = d.minus(slope(levels, i, h, 1));
        return first.plus(d.plus(bend.times(r0 / (r0 + r1))).times(alpha * ((decay - 1) / h + 1)))
                .minus(bend.times(1 / (r0 + r1)).times(alpha * ((decay - 1 + h) / (h * h) - 0.5)));
    }

    /** The divided difference of the estimates k and k + 1 steps ago, in units of h. */
    private static Combination slope(Levels levels, int i, double h, int k) {
        double r = (levels.lambda(i - k) - levels.lambda(i - k - 1)) / h;
        return (k == 0 ? CLEAN : memory(k - 1)).minus(memory(k)).times(1 / r);
    }
}
