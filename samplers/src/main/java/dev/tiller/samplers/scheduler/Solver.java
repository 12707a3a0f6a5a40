// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.weights.ModelConfig;
import java.util.Arrays;
import java.util.Optional;

/** The solvers: each turns a configuration and a request into a table of steps. */
enum Solver {
    DDIM("DDIMScheduler"),
    DDPM("DDPMScheduler"),
    EULER("EulerDiscreteScheduler"),
    EULER_ANCESTRAL("EulerAncestralDiscreteScheduler"),
    DPM_SOLVER("DPMSolverMultistepScheduler"),
    UNI_PC("UniPCMultistepScheduler"),
    PNDM("PNDMScheduler"),
    LCM("LCMScheduler"),
    FLOW_EULER("FlowMatchEulerDiscreteScheduler"),
    /** Not one of the library's: Euler steps of the flow that any diffusion is. */
    DIFFUSION_FLOW("DiffusionFlow");

    final String className;

    Solver(String className) {
        this.className = className;
    }

    Scheduler plan(ModelConfig config, Request request) {
        return switch (this) {
            case DDIM -> Ddim.plan(config, request);
            case DDPM -> Ddpm.plan(config, request);
            case EULER -> Euler.plan(config, request);
            case EULER_ANCESTRAL -> Euler.ancestral(config, request);
            case DPM_SOLVER -> DpmSolver.plan(config, request);
            case UNI_PC -> UniPc.plan(config, request);
            case PNDM -> Pndm.plan(config, request);
            case LCM -> Lcm.plan(config, request);
            case FLOW_EULER -> FlowEuler.plan(config, request);
            case DIFFUSION_FLOW -> FlowEuler.ofDiffusion(config, request);
        };
    }

    /** Whether it understands an option of a {@link Request} besides the number of steps. */
    boolean accepts(String option) {
        return switch (option) {
            case "eta" -> this == DDIM || this == FLOW_EULER || this == DIFFUSION_FLOW;
            case "timesteps" -> this == DDPM;
            default -> this == FLOW_EULER;
        };
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
