// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.guide.Window;
import dev.tiller.samplers.GuidancePresets;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A sampler guided by the reward's gradient at the predicted clean sample, as one paper does it: DPS, FreeDoM, Universal
 * Guidance and TFG are settings of one mechanism. Particles are guided each by itself, and the best is the answer.
 */
final class GuidedMethod extends ParticleMethod {
    private final String name;
    private final String summary;
    private final GuidanceSettings preset;
    private final Option<Double> strength;
    private final Option<Integer> recurrence;
    private final Option<Double> maxNorm;

    private GuidedMethod(String name, String summary) {
        this.name = name;
        this.summary = summary;
        // The papers' own strengths are for their rewards: GuidanceSettings has them.
        this.preset = GuidancePresets.named(name);
        this.strength = GuidanceOptions.strength(preset.strength());
        this.recurrence = GuidanceOptions.recurrence(preset.recurrence().rounds());
        this.maxNorm = GuidanceOptions.maxNorm(preset.maxNorm());
    }

    static GuidedMethod dps() {
        return new GuidedMethod(
                "dps",
                "Diffusion posterior sampling: each step follows the reward's gradient, through the network; for"
                        + " any reward, not only distances.");
    }

    static GuidedMethod freedom() {
        return new GuidedMethod(
                "freedom",
                "FreeDoM: each step follows the gradient by a part of the step's own length, and the middle steps are made"
                        + " again.");
    }

    static GuidedMethod universal() {
        return new GuidedMethod(
                "universal",
                "Universal guidance: the gradient moves the predicted clean picture, and the middle steps are made again"
                        + " from fresh noise.");
    }

    static GuidedMethod tfg() {
        return new GuidedMethod(
                "tfg",
                "Training-free guidance: gradients through the network and past it, smoothed, growing towards the end.");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public List<Option<?>> options() {
        return List.of(strength, recurrence, GuidanceOptions.GUIDE_FROM, GuidanceOptions.GUIDE_TO, maxNorm);
    }

    @Override
    public Map<String, Object> presets() {
        return Map.of(RunPlan.PARTICLES.name(), 4);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.GRADIENT);
    }

    @Override
    public void check(RunPlan plan) {
        super.check(plan);
        settings(plan);
    }

    @Override
    public long moves(RunPlan plan, int steps) {
        var settings = settings(plan);
        long each = IntStream.range(0, steps)
                .map(step -> Math.max(1, settings.rounds(step, steps)))
                .sum();
        return each * plan.get(RunPlan.PARTICLES);
    }

    private GuidanceSettings settings(RunPlan plan) {
        return preset.withStrength(plan.get(strength))
                .withRecurrence(plan.get(recurrence), preset.recurrence().window())
                .withWindow(new Window(plan.get(GuidanceOptions.GUIDE_FROM), plan.get(GuidanceOptions.GUIDE_TO)))
                .withMaxNorm(GuidanceOptions.maxNorm(plan, maxNorm));
    }

    @Override
    SteeringPlan steering(RunPlan plan) {
        return SteeringPlan.bestOf(particles(plan), 0);
    }

    @Override
    Kernel<Latents> kernel(Prepared on) {
        return on.timed(GuidedKernel.sampler(on.sampler(), new RewardGuidance<>(on.graded(), settings(on.plan()))));
    }
}
