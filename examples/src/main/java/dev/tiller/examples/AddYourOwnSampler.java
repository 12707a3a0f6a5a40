// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Combination;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.samplers.scheduler.Scheduler;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import dev.tiller.samplers.scheduler.Step;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.weights.ModelLocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * A sampler of one's own: DDIM whose noise η changes from step to step. A sampler is a table of numbers: what the next sample is
 * made of at each step. Steering, guidance, gradients and resumption then work with it as with any other.
 */
public final class AddYourOwnSampler {
    private AddYourOwnSampler() {}

    /**
     * The plan of a checkpoint's network.
     *
     * @param steps at least 1
     * @param eta of each step, from 0 for no noise to 1 for as much as DDPM draws
     */
    public static Scheduler plan(SchedulerConfig checkpoint, int steps, IntToDoubleFunction eta) {
        var prediction = checkpoint.prediction();
        // Its levels of noise and training times are those of DDIM.
        var ddim = checkpoint.withSolver("ddim").plan(steps, 0);
        var table = new ArrayList<Step>();
        for (int i = 0; i < steps; i++) {
            var from = ddim.step(i);
            double alpha = ddim.stages().get(i).to().alpha();
            double sigma = ddim.stages().get(i).to().sigma();
            // How much of x' is known from x: q(x' | x, x₀) has the variance σ'² (1 − kept²).
            double kept = from.alpha() * sigma / (alpha * from.sigma());
            double drawn = eta.applyAsDouble(i) * sigma * Math.sqrt(1 - kept * kept);
            // x' = α' x₀ + √(σ'² − drawn²) n + drawn z
            var next = Combination.CLEAN
                    .times(alpha)
                    .plus(prediction
                            .noise(from.alpha(), from.sigma())
                            .times(Math.sqrt(Math.max(0, sigma * sigma - drawn * drawn))))
                    .plus(Combination.NOISE.times(drawn));
            var clean = prediction.clean(from.alpha(), from.sigma());
            table.add(new Step(from.timestep(), from.alpha(), from.sigma(), clean, next));
        }
        return new Scheduler("ddim with falling noise", table, 1, 0);
    }

    /** The mean of the first channel of particles that were steered towards it, under noise that falls to nothing. */
    public static double[] run(int particles, int steps) {
        var folder = ModelLocator.ofEnvironment(System.getenv()).locate("scenes");
        try (var model = TextToImage.load(folder, DType.FLOAT32, Device.CPU)) {
            var plan = plan(model.scheduler(), steps, i -> 1 - i / (double) steps);
            try (var sampler = model.sampler(Sampling.of("a photo of a red circle"), plan);
                    var run = SmcRun.start(
                            sampler,
                            (step, latents) -> firstChannel(latents),
                            SteeringPlan.fk(particles, 20, ScoringSchedule.from(1, 1)),
                            Key.of(3))) {
                run.finish();
                return run.snapshot().ledger().rewards();
            }
        }
    }

    private static Scores firstChannel(Latents latents) {
        try (var scope = Scope.open()) {
            return Scores.of(latents.sample().slice(1, 0, 1).mean(1, 2, 3).toDoubles());
        }
    }

    public static void main(String[] args) {
        System.out.println(Arrays.toString(run(4, 20)));
    }
}
