// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.StreamSupport;

/** Trajectories of a scheduler with a made-up network, under the reference's noise and in float64. */
public final class SchedulerParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("schedulers")
                && Solver.of(golden.className().replaceFirst("^diffusers\\.", ""))
                        .isPresent();
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var config = SchedulerConfig.read(golden.file("scheduler_config.json"));
        var plan = config.plan(
                request(golden, golden.meta().path("num_inference_steps").asInt()));
        report.compare(golden, "timesteps", plan.timesteps(), plan.steps().size());
        if (golden.has("sigmas")) {
            report.compare(golden, "sigmas", ratios(plan), plan.steps().size() + 1);
        }
        try (var scope = Scope.open()) {
            trajectory(golden, report, plan, scope);
            report.compare(golden, "add_noise.out", noised(golden, plan));
        }
        checkStart(golden, plan);
        checkGrids(golden, config);
    }

    /** What the reference was asked for, with another number of steps. */
    private static Request request(Golden golden, int steps) {
        var arguments = golden.meta().path("set_timesteps_kwargs");
        var request = Request.steps(steps);
        if (arguments.has("timesteps")) {
            request = Request.at(numbers(arguments.path("timesteps")));
        } else if (arguments.has("sigmas")) {
            request = Request.from(Grid.linspace(1, 1.0 / steps, steps));
        }
        if (arguments.has("mu")) {
            request = request.mu(arguments.path("mu").doubleValue());
        }
        var eta = golden.meta().path("step_kwargs").path("eta");
        return eta.isNumber() ? request.eta(eta.doubleValue()) : request;
    }

    private static double[] numbers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
    }

    /** σ, or σ/α where the sample is variance preserving; 0 at the end. */
    private static double[] ratios(Scheduler plan) {
        var ratios = new double[plan.steps().size() + 1];
        for (int i = 0; i < plan.steps().size(); i++) {
            var step = plan.step(i);
            boolean preserving = Math.abs(Math.hypot(step.alpha(), step.sigma()) - 1) < 1e-9;
            boolean flow = Math.abs(step.alpha() + step.sigma() - 1) < 1e-9;
            ratios[i] = preserving && !flow ? step.sigma() / step.alpha() : step.sigma();
        }
        return ratios;
    }

    private static void trajectory(Golden golden, ParityReport report, Scheduler plan, Scope scope) {
        int n = plan.steps().size();
        var samples = new Tensor[n];
        var outputs = new Tensor[n];
        var cleans = new Tensor[n];
        var x = plan.start(tensor(golden, "noise_init"));
        for (int i = 0; i < n; i++) {
            outputs[i] = network(plan.input(i, x.sample()), plan.step(i).timestep());
            var draws = golden.meta().path("noise_used_at_step").path(i);
            var noise = draws.isEmpty()
                    ? null
                    : tensor(golden, "noise." + draws.path(0).asInt());
            var move = plan.advance(i, x, outputs[i], noise);
            x = move.next();
            samples[i] = x.sample();
            cleans[i] = move.clean().sample();
        }
        report.compare(golden, "steps", scope.adopt(Tensor.concat(0, samples)));
        report.compare(golden, "out", Tensor.concat(0, outputs));
        if (golden.has("x0")) {
            report.compare(golden, "x0", Tensor.concat(0, cleans));
        }
    }

    /** The formula of the reference's made-up network. */
    private static Tensor network(Tensor x, double t) {
        return x.times(0.3).plus(x.times(3).sin().times(0.1)).plus(0.01 * t / 1000);
    }

    private static Tensor noised(Golden golden, Scheduler plan) {
        var clean = tensor(golden, "add_noise.x");
        var noise = tensor(golden, "add_noise.noise");
        double[] times = golden.doubles("add_noise.t");
        var rows = new Tensor[times.length];
        for (int i = 0; i < times.length; i++) {
            rows[i] = plan.noised(stepAt(plan, times[i]), clean.rows(i, i + 1), noise.rows(i, i + 1));
        }
        return Tensor.concat(0, rows);
    }

    private static int stepAt(Scheduler plan, double timestep) {
        for (int i = 0; i < plan.steps().size(); i++) {
            if (Math.abs(plan.step(i).timestep() - timestep) < 1e-3) {
                return i;
            }
        }
        throw new TillerException("The plan has no step at timestep " + timestep + ", but the reference noises there.");
    }

    private static void checkStart(Golden golden, Scheduler plan) {
        double reference = golden.meta().path("init_noise_sigma").doubleValue();
        if (Math.abs(plan.initialNoiseScale() / reference - 1) > 1e-5) {
            throw new TillerException("The first sample has standard deviation " + plan.initialNoiseScale()
                    + " and not " + reference + ".");
        }
    }

    /** Timesteps for other numbers of steps, which have the tolerance of {@code timesteps}. */
    private static void checkGrids(Golden golden, SchedulerConfig config) {
        double allowed = golden.tolerance("timesteps").allowed(0);
        for (var name : golden.tensors()) {
            if (name.matches("grid\\.\\d+\\.timesteps")) {
                var reference = golden.doubles(name);
                var got = config.plan(request(golden, Integer.parseInt(name.split("\\.", -1)[1])))
                        .timesteps();
                boolean same = got.length == reference.length;
                for (int i = 0; same && i < got.length; i++) {
                    same = Math.abs(got[i] - reference[i]) <= allowed;
                }
                if (!same) {
                    throw new TillerException(
                            name + " is " + Arrays.toString(got) + " and not " + Arrays.toString(reference) + ".");
                }
            }
        }
    }

    private static Tensor tensor(Golden golden, String name) {
        return Tensor.of(golden.doubles(name), golden.shape(name));
    }
}
