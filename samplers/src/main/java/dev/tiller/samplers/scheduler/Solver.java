// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.weights.ModelConfig;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** The solvers: each turns a configuration and a request into a table of steps. */
enum Solver {
    DDIM("DDIMScheduler", Ddim::plan, "eta"),
    DDPM("DDPMScheduler", Ddpm::plan, "timesteps"),
    EULER("EulerDiscreteScheduler", Euler::plan),
    EULER_ANCESTRAL("EulerAncestralDiscreteScheduler", Euler::ancestral),
    DPM_SOLVER("DPMSolverMultistepScheduler", DpmSolver::plan),
    UNI_PC("UniPCMultistepScheduler", UniPc::plan),
    PNDM("PNDMScheduler", Pndm::plan),
    LCM("LCMScheduler", Lcm::plan),
    FLOW_EULER("FlowMatchEulerDiscreteScheduler", FlowEuler::plan, "eta", "sigmas", "mu"),
    /** Not one of the library's: Euler steps of the flow that any diffusion is. */
    DIFFUSION_FLOW("DiffusionFlow", FlowEuler::ofDiffusion, "eta");

    final String className;
    private final BiFunction<ModelConfig, Request, Scheduler> table;
    private final Set<String> options;

    /**
     * @param className as a checkpoint names it
     * @param table what it makes of a configuration and a request
     * @param options of a {@link Request} that it understands, besides the number of steps
     */
    Solver(String className, BiFunction<ModelConfig, Request, Scheduler> table, String... options) {
        this.className = className;
        this.table = table;
        this.options = Set.of(options);
    }

    Scheduler plan(ModelConfig config, Request request) {
        return table.apply(config, request);
    }

    /** Whether it understands an option of a {@link Request} besides the number of steps. */
    boolean accepts(String option) {
        return options.contains(option);
    }

    static Optional<Solver> of(String className) {
        return Arrays.stream(values())
                .filter(solver -> solver.className.equals(className))
                .findFirst();
    }

    /** The bound of {@code clip_sample}, infinite for none; clipping by quantile is refused. */
    static double clip(ModelConfig config, boolean orElse) {
        thresholdless(config);
        double range = config.number("clip_sample_range", 1);
        return config.flag("clip_sample", orElse) ? range : Double.POSITIVE_INFINITY;
    }

    /** Refuses dynamic thresholding, which is for pixels. */
    static void thresholdless(ModelConfig config) {
        config.only("thresholding", false);
        config.inert("dynamic_thresholding_ratio", "sample_max_value");
    }
}
