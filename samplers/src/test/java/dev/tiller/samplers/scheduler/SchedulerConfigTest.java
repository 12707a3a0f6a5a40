// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.guide.Level;
import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerConfigTest {
    static final ModelConfig SD15 = ModelConfig.of("scheduler_config.json", """
            {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "set_alpha_to_one": false,
             "skip_prk_steps": true, "steps_offset": 1, "trained_betas": null, "clip_sample": false}
            """);

    private static SchedulerConfig sd15(String className) {
        return SchedulerConfig.of(SD15.with("_class_name", className));
    }

    private static String refusal(SchedulerConfig config, Request request) {
        return assertThrows(TillerException.class, () -> config.plan(request)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DDIMScheduler|thresholding|true",
                "DDIMScheduler|beta_schedule|laplace",
                "DDIMScheduler|prediction_type|flow_prediction",
                "DDIMScheduler|timestep_spacing|logarithmic",
                "DDPMScheduler|variance_type|learned_range",
                "EulerDiscreteScheduler|interpolation_type|log_linear",
                "EulerDiscreteScheduler|use_beta_sigmas|true",
                "EulerDiscreteScheduler|final_sigmas_type|sigma_min",
                "EulerDiscreteScheduler|use_exponential_sigmas|true",
                "EulerDiscreteScheduler|timestep_type|continuous",
                "EulerDiscreteScheduler|sigma_min|0.1",
                "EulerDiscreteScheduler|sigma_max|10.5",
                "DPMSolverMultistepScheduler|algorithm_type|dpmsolver",
                "DPMSolverMultistepScheduler|solver_type|heun",
                "DPMSolverMultistepScheduler|solver_order|4",
                "DPMSolverMultistepScheduler|use_lu_lambdas|true",
                "DPMSolverMultistepScheduler|use_exponential_sigmas|true",
                "DPMSolverMultistepScheduler|use_beta_sigmas|true",
                "DPMSolverMultistepScheduler|use_flow_sigmas|true",
                "DPMSolverMultistepScheduler|use_dynamic_shifting|true",
                "DPMSolverMultistepScheduler|final_sigmas_type|sigma_min",
                "DPMSolverMultistepScheduler|lambda_min_clipped|-5.1",
                "DPMSolverMultistepScheduler|variance_type|learned",
                "DPMSolverMultistepScheduler|thresholding|true",
                "UniPCMultistepScheduler|solver_type|bh1",
                "UniPCMultistepScheduler|solver_order|3",
                "UniPCMultistepScheduler|predict_x0|false",
                "UniPCMultistepScheduler|lower_order_final|false",
                "UniPCMultistepScheduler|use_exponential_sigmas|true",
                "UniPCMultistepScheduler|use_beta_sigmas|true",
                "UniPCMultistepScheduler|use_flow_sigmas|true",
                "UniPCMultistepScheduler|use_dynamic_shifting|true",
                "UniPCMultistepScheduler|final_sigmas_type|sigma_min",
                "UniPCMultistepScheduler|solver_p|DDIMScheduler",
                "UniPCMultistepScheduler|sigma_min|0.1",
                "UniPCMultistepScheduler|sigma_max|10.5",
                "UniPCMultistepScheduler|shift_terminal|0.1",
                "UniPCMultistepScheduler|thresholding|true",
                "PNDMScheduler|prediction_type|sample",
                "PNDMScheduler|skip_prk_steps|false",
                "PNDMScheduler|rescale_betas_zero_snr|true",
                "LCMScheduler|clip_sample|true",
                "LCMScheduler|thresholding|true",
                "FlowMatchEulerDiscreteScheduler|use_karras_sigmas|true",
                "FlowMatchEulerDiscreteScheduler|use_exponential_sigmas|true",
                "FlowMatchEulerDiscreteScheduler|use_beta_sigmas|true",
                "FlowMatchEulerDiscreteScheduler|invert_sigmas|true",
                "FlowMatchEulerDiscreteScheduler|shift_terminal|0.1",
                "FlowMatchEulerDiscreteScheduler|time_shift_type|linear",
                "FlowMatchEulerDiscreteScheduler|stochastic_sampling|true",
                "DDIMScheduler|a_new_option|true",
                "EulerDiscreteScheduler|num_train_steps|true",
            })
    void refusesByName(String className, String option, String value) {
        Object typed = value.equals("true") || value.equals("false")
                ? Boolean.valueOf(value)
                : value.matches("-?[0-9.]+") ? Double.valueOf(value) : value;
        var config = SchedulerConfig.of(SD15.with("_class_name", className).with(option, typed));
        var message = refusal(config, Request.steps(10));
        assertTrue(message.contains(option), message);
    }

    /** The library keeps a configuration's options that are not its class's, and its Karras levels go by these. */
    @ParameterizedTest
    @ValueSource(strings = {"sigma_min", "sigma_max"})
    void boundsOfKarrasLevelsAreRefusedWhereTheyWouldCount(String bound) {
        var solver = SD15.with("_class_name", "DPMSolverMultistepScheduler").with(bound, 0.1);
        assertEquals(10, SchedulerConfig.of(solver).plan(10).steps().size());
        var karras = SchedulerConfig.of(solver.with("use_karras_sigmas", true));
        assertTrue(refusal(karras, Request.steps(10)).contains(bound));
    }

    @Test
    void numbersBeyondReasonAreRefused() {
        var many = SD15.with("_class_name", "DDIMScheduler").with("num_train_timesteps", 2_000_000_000);
        assertTrue(refusal(SchedulerConfig.of(many), Request.steps(10)).contains("num_train_timesteps"));
        var far = SD15.with("_class_name", "DDIMScheduler").with("steps_offset", Integer.MAX_VALUE);
        assertTrue(refusal(SchedulerConfig.of(far), Request.steps(10)).contains("steps_offset"));
        var endless = ModelConfig.of("c", "{\"_class_name\": \"LCMScheduler\", \"timestep_scaling\": Infinity}");
        assertTrue(refusal(SchedulerConfig.of(endless), Request.steps(4)).contains("timestep_scaling"));
    }

    /** Here the level before the last lies above that which the library has for no signal, and its step is nan. */
    @Test
    void aStepThatIsNoNumberIsSaid() {
        var config = ModelConfig.of("c", """
                {"_class_name": "EulerAncestralDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.02,
                 "prediction_type": "v_prediction", "timestep_spacing": "trailing", "rescale_betas_zero_snr": true}
                """);
        assertEquals(100, SchedulerConfig.of(config).plan(100).steps().size());
        assertTrue(refusal(SchedulerConfig.of(config), Request.steps(250)).contains("at timestep 999.0"));
    }

    @Test
    void refusesUnknownSolvers() {
        var message = assertThrows(TillerException.class, () -> sd15("HeunDiscreteScheduler"))
                .getMessage();
        assertTrue(message.contains("HeunDiscreteScheduler is not supported; supported: DDIMScheduler"), message);
        assertThrows(TillerException.class, () -> SchedulerConfig.read(Path.of("nowhere", "scheduler_config.json")));
    }

    @Test
    void refusesStepsOutsideTheRange() {
        assertTrue(refusal(sd15("DDIMScheduler"), Request.steps(0)).contains("from 1 to 1000"));
        assertTrue(refusal(sd15("DDIMScheduler"), Request.steps(1001)).contains("from 1 to 1000"));
        // 1000 steps with an offset of 1 would begin at timestep 1000.
        assertTrue(refusal(sd15("DDIMScheduler"), Request.steps(1000)).contains("training range"));
        // Trailing has no lowest point to leave out.
        var solver = SD15.with("_class_name", "DPMSolverMultistepScheduler");
        assertTrue(refusal(SchedulerConfig.of(solver), Request.steps(1000)).contains("from 1 to 999"));
        var trailing = SchedulerConfig.of(solver.with("timestep_spacing", "trailing"));
        assertEquals(1000, trailing.plan(1000).steps().size());
        assertTrue(refusal(trailing, Request.steps(1001)).contains("from 1 to 1000"));
        assertTrue(refusal(sd15("LCMScheduler"), Request.steps(51)).contains("1 to 50"));
        assertTrue(refusal(sd15("DDPMScheduler"), Request.at(400, 400)).contains("fall"));
        assertTrue(refusal(sd15("DDPMScheduler"), Request.at(1000)).contains("training range"));
    }

    /** Values of diffusers 0.42.1. Of its schedules this alone ends at signal below 2⁻²⁴ that is not zero. */
    @Test
    void theCosineScheduleEndsWhereTheLibrarysDoes() {
        var cosine = ModelConfig.of("scheduler_config.json", "{\"beta_schedule\": \"squaredcos_cap_v2\"}");
        for (var name : List.of("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")) {
            var plan = SchedulerConfig.of(cosine.with("_class_name", name)).plan(4);
            assertEquals(20291.303, plan.initialNoiseScale(), 1);
            assertEquals(20291.303, plan.step(0).sigma(), 1);
            assertEquals(1.7507231, plan.step(1).sigma(), 1e-5);
        }
        for (var name : List.of("DPMSolverMultistepScheduler", "UniPCMultistepScheduler")) {
            var step =
                    SchedulerConfig.of(cosine.with("_class_name", name)).plan(4).step(0);
            assertEquals(20291.303, step.sigma() / step.alpha(), 1);
        }
    }

    /** Values of diffusers 0.42.1, but the first, which float32 decides there. */
    @Test
    void karrasTimestepsOfTheCosineScheduleAreCutOffByOneSolver() {
        var cosine = ModelConfig.of(
                "scheduler_config.json", "{\"beta_schedule\": \"squaredcos_cap_v2\", \"use_karras_sigmas\": true}");
        var dpm = SchedulerConfig.of(cosine.with("_class_name", "DPMSolverMultistepScheduler"))
                .plan(8);
        assertArrayEquals(
                new double[] {998, 998, 998, 994, 965, 508, 0},
                Arrays.stream(dpm.timesteps()).skip(1).toArray());
        var uniPc = SchedulerConfig.of(cosine.with("_class_name", "UniPCMultistepScheduler"))
                .plan(8);
        assertArrayEquals(new double[] {999, 999, 998, 998, 995, 966, 508, 0}, uniPc.timesteps());
    }

    @Test
    void oneTrainedBetaIsNoSchedule() {
        var config = SD15.with("trained_betas", List.of(0.5)).with("_class_name", "EulerDiscreteScheduler");
        assertTrue(refusal(SchedulerConfig.of(config), Request.steps(1)).contains("trained_betas"));
    }

    @Test
    void etaBelongsToDdim() {
        assertTrue(sd15("DDIMScheduler").acceptsEta());
        assertFalse(sd15("EulerDiscreteScheduler").acceptsEta());
        assertTrue(refusal(sd15("EulerDiscreteScheduler"), Request.steps(4).eta(1))
                .contains("does not take eta; DDIMScheduler, DiffusionFlow, FlowMatchEulerDiscreteScheduler does"));
        assertTrue(refusal(sd15("DDIMScheduler"), Request.steps(4).eta(-1)).contains("at least 0"));
        assertTrue(refusal(sd15("DDIMScheduler"), Request.steps(4).eta(3)).contains("eta = 3.0 is too large"));
    }

    @Test
    void zeroTerminalSignalNeedsMoreThanEpsilon() {
        var zero = SD15.with("rescale_betas_zero_snr", true).with("timestep_spacing", "trailing");
        var epsilon = SchedulerConfig.of(zero.with("_class_name", "DDIMScheduler"));
        assertTrue(refusal(epsilon, Request.steps(7)).contains("epsilon"));
        // Here the library's root of a negative variance is nan.
        var v = SchedulerConfig.of(zero.with("_class_name", "DDIMScheduler").with("prediction_type", "v_prediction"));
        for (int n : new int[] {4, 7, 8, 10, 20, 50}) {
            assertEquals(n, v.plan(n, 1).steps().size());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tiller.samplers.scheduler.SchedulerConfig#solverNames")
    void anotherSolverKeepsTheTraining(String name) {
        var config = SchedulerConfig.of(SD15).withSolver(name);
        var plan = config.plan(10);
        assertEquals(config.className(), plan.name());
        assertTrue(plan.steps().size() >= 10);
        assertTrue(plan.step(0).timestep() > plan.step(9).timestep());
    }

    @Test
    void namesChooseVariants() {
        var karras = SD15.with("_class_name", "DPMSolverMultistepScheduler").with("use_karras_sigmas", true);
        var plain = SchedulerConfig.of(karras).withSolver("dpmpp-2m").plan(10);
        assertArrayEquals(
                SchedulerConfig.of(SD15).withSolver("dpmpp-2m").plan(10).timesteps(), plain.timesteps());
        assertFalse(plain.stochastic());
        assertTrue(SchedulerConfig.of(SD15).withSolver("dpmpp-2m-sde").plan(10).stochastic());
        var message = assertThrows(
                        TillerException.class, () -> SchedulerConfig.of(SD15).withSolver("heun"))
                .getMessage();
        assertTrue(message.contains("dpmpp-2m-sde-karras"), message);
    }

    /** Stable Diffusion's DDIM ends at the first training level, and not at data: guidance noises again from there. */
    @Test
    void theLastStageEndsWhereTheLastStepDoes() {
        double first = 1 - 0.00085;
        for (double eta : new double[] {0, 0.6, 1}) {
            var stages = sd15("DDIMScheduler").plan(10, eta).stages();
            assertEquals(Math.sqrt(first), stages.get(9).to().alpha(), 1e-9);
            assertEquals(Math.sqrt(1 - first), stages.get(9).to().sigma(), 1e-9);
            assertEquals(stages.get(9).from(), stages.get(8).to());
        }
        for (var name : SchedulerConfig.solverNames()) {
            var config = SchedulerConfig.of(SD15.with("set_alpha_to_one", true)).withSolver(name);
            assertEquals(
                    Level.CLEAN,
                    config.plan(10)
                            .stages()
                            .get(config.plan(10).steps().size() - 1)
                            .to(),
                    name);
        }
    }

    @Test
    void stochasticMeansBeforeTheLastStep() {
        assertTrue(sd15("DDIMScheduler").plan(10, 1).stochastic());
        assertFalse(sd15("DDIMScheduler").plan(10, 0).stochastic());
        assertFalse(sd15("DDIMScheduler").plan(1, 1).stochastic());
        assertFalse(sd15("EulerDiscreteScheduler").plan(10).stochastic());
        assertTrue(sd15("EulerAncestralDiscreteScheduler").plan(10).stochastic());
    }
}
