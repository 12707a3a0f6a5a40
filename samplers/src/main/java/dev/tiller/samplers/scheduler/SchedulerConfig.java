// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A checkpoint's {@code scheduler_config.json}, from which plans are made. Every option is known: supported, without
 * effect for this solver, or refused by name.
 */
public final class SchedulerConfig {
    /** The names that a user may ask for instead of the checkpoint's own solver. */
    private static final Map<String, Map<String, Object>> NAMED = new TreeMap<>(Map.ofEntries(
            named("ddim", Solver.DDIM),
            named("ddpm", Solver.DDPM),
            named("euler", Solver.EULER, "use_karras_sigmas", false),
            named("euler-karras", Solver.EULER, "use_karras_sigmas", true),
            named("euler-a", Solver.EULER_ANCESTRAL),
            dpmpp("dpmpp-2m", "dpmsolver++", false),
            dpmpp("dpmpp-2m-karras", "dpmsolver++", true),
            dpmpp("dpmpp-2m-sde", "sde-dpmsolver++", false),
            dpmpp("dpmpp-2m-sde-karras", "sde-dpmsolver++", true),
            named("unipc", Solver.UNI_PC, "solver_order", 2, "solver_type", "bh2"),
            named("pndm", Solver.PNDM, "skip_prk_steps", true),
            named("flow", Solver.DIFFUSION_FLOW),
            named("lcm", Solver.LCM)));

    /**
     * Options of the library's solvers; those that the solver in use does not ask for belong to another, and checkpoints
     * carry them along.
     */
    private static final List<String> CARRIED_ALONG = List.of(
            "clip_sample",
            "clip_sample_range",
            "set_alpha_to_one",
            "skip_prk_steps",
            "steps_offset",
            "timestep_spacing",
            "interpolation_type",
            "use_karras_sigmas",
            "use_exponential_sigmas",
            "use_beta_sigmas",
            "sample_max_value",
            "thresholding",
            "dynamic_thresholding_ratio",
            "variance_type",
            "solver_order",
            "solver_type",
            "algorithm_type",
            "lower_order_final",
            "euler_at_final",
            "lambda_min_clipped",
            "use_lu_lambdas",
            "predict_x0",
            "disable_corrector",
            "original_inference_steps",
            "timestep_scaling",
            "timestep_type",
            "final_sigmas_type",
            "sigma_min",
            "sigma_max",
            "use_flow_sigmas",
            "flow_shift",
            "use_dynamic_shifting",
            "time_shift_type",
            "solver_p",
            "shift_terminal");

    private final ModelConfig config;
    private final Solver solver;

    private SchedulerConfig(ModelConfig config) {
        this.config = config;
        var name = config.fresh().text("_class_name", "");
        this.solver = Solver.of(name)
                .orElseThrow(() -> new TillerException(config.where() + ": the scheduler "
                        + (name.isEmpty() ? "is not named (_class_name)" : name + " is not supported") + "; supported: "
                        + Arrays.stream(Solver.values()).map(s -> s.className).collect(Collectors.joining(", "))
                        + "."));
    }

    /**
     * Reads {@code scheduler_config.json}.
     *
     * @throws TillerException if it cannot be read, or names a solver or an option that is not supported
     */
    public static SchedulerConfig read(Path file) {
        return of(ModelConfig.read(file));
    }

    /** The same of a configuration that has been read. */
    public static SchedulerConfig of(ModelConfig config) {
        return new SchedulerConfig(config);
    }

    /** The names for {@link #withSolver}, sorted. */
    public static List<String> solverNames() {
        return List.copyOf(NAMED.keySet());
    }

    /**
     * Another solver for the same network: training noise, prediction type and spacing stay the checkpoint's.
     *
     * @param name one of {@link #solverNames}
     * @throws TillerException if there is none of that name, or the network is a flow
     */
    public SchedulerConfig withSolver(String name) {
        var options = NAMED.get(name);
        if (options == null) {
            throw new TillerException(
                    "No scheduler '" + name + "'; there are " + String.join(", ", NAMED.keySet()) + ".");
        }
        if (solver == Solver.FLOW_EULER) {
            throw new TillerException("The checkpoint is a flow, which the scheduler '" + name
                    + "' does not sample; leave the scheduler to the checkpoint.");
        }
        var other = config;
        for (var option : options.entrySet()) {
            other = other.with(option.getKey(), option.getValue());
        }
        return new SchedulerConfig(other);
    }

    /** The solver, as the library calls its class. */
    public String className() {
        return solver.className;
    }

    /** What the network's output stands for. */
    public Prediction prediction() {
        return solver == Solver.FLOW_EULER ? Prediction.FLOW : Prediction.of(config.fresh());
    }

    /** Whether η can be asked for, by which DDIM or a flow becomes stochastic. */
    public boolean acceptsEta() {
        return solver.accepts("eta");
    }

    /** Whether some of n steps draw noise, or would if they were given an η. */
    public boolean canDrawNoise(int steps) {
        return acceptsEta() || plan(steps).stochastic();
    }

    /** A plan of n steps. */
    public Scheduler plan(int steps) {
        return plan(Request.steps(steps));
    }

    /** A plan of n steps with η. */
    public Scheduler plan(int steps, double eta) {
        return plan(Request.steps(steps).eta(eta));
    }

    /**
     * A plan.
     *
     * @throws TillerException if the configuration or the request asks for what this solver does not do
     */
    public Scheduler plan(Request request) {
        refuse("eta", request.eta().isPresent());
        refuse("timesteps", request.timesteps().length > 0);
        refuse("sigmas", request.sigmas().length > 0);
        refuse("mu", request.mu().isPresent());
        var eta = request.eta().orElse(0);
        if (!(eta >= 0 && Double.isFinite(eta))) {
            throw new TillerException("eta must be a number of at least 0, and not " + eta + ".");
        }
        var options = config.fresh();
        var plan = solver.plan(options, request);
        CARRIED_ALONG.forEach(options::inert);
        options.refuseOthers();
        return plan;
    }

    private void refuse(String option, boolean asked) {
        if (asked && !solver.accepts(option)) {
            throw new TillerException(solver.className + " does not take " + option + "; "
                    + Arrays.stream(Solver.values())
                            .filter(s -> s.accepts(option))
                            .map(s -> s.className)
                            .sorted(Comparator.naturalOrder())
                            .collect(Collectors.joining(", "))
                    + " does.");
        }
    }

    private static Map.Entry<String, Map<String, Object>> dpmpp(String name, String algorithm, boolean karras) {
        return named(
                name,
                Solver.DPM_SOLVER,
                "algorithm_type",
                algorithm,
                "use_karras_sigmas",
                karras,
                "solver_order",
                2,
                "solver_type",
                "midpoint");
    }

    private static Map.Entry<String, Map<String, Object>> named(String name, Solver solver, Object... options) {
        var map = new TreeMap<String, Object>();
        map.put("_class_name", solver.className);
        for (int i = 0; i < options.length; i += 2) {
            map.put((String) options[i], options[i + 1]);
        }
        return Map.entry(name, map);
    }
}
