// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.guide.FlowGuidance;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.NoiseAwareReward;
import dev.tiller.samplers.GuidancePresets;
import dev.tiller.samplers.NoisyReward;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code flow-nrg}: the reward's gradient is added to the velocity of the flow, after classifier-free guidance. */
final class FlowNrg extends ParticleMethod {
    static final Option<String> NOISE_AWARE = Option.text(
            "noise-aware",
            "EXPR",
            "A reward that understands noise to go by, such as noisyclip; the network is not run backwards then.",
            "",
            "none: --reward at the predicted clean picture, which is not exact");

    static final Option<Double> WEIGHT =
            Option.number("weight", "w: how much of the gradient is added.", GuidancePresets.FLOW.strength());
    static final Option<Double> EARLIEST =
            Option.number("flow-from", "The time t of the flow, 1 for noise, from which it is guided.", 1);
    static final Option<Double> LATEST =
            Option.number("flow-to", "The time t of the flow, 0 for the picture, until which it is guided.", 0);
    static final Option<Double> MAX_RATIO =
            Option.number("max-ratio", "What t/(1 - t) is cut to near t = 1.", GuidancePresets.FLOW.maxRatio());

    @Override
    public String name() {
        return "flow-nrg";
    }

    @Override
    public String summary() {
        return "Reward-guided flow: the reward's gradient is added to the velocity of the flow.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of(NOISE_AWARE, WEIGHT, EARLIEST, LATEST, MAX_RATIO);
    }

    @Override
    public Map<String, Object> presets() {
        return Map.of(RunPlan.PARTICLES.name(), 4, RunPlan.ETA.name(), 0);
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

    private static FlowGuidance.Settings settings(RunPlan plan) {
        return new FlowGuidance.Settings(plan.get(WEIGHT), plan.get(EARLIEST), plan.get(LATEST), plan.get(MAX_RATIO));
    }

    @Override
    SteeringPlan steering(RunPlan plan) {
        return SteeringPlan.bestOf(particles(plan), 0);
    }

    @Override
    Kernel<Latents> kernel(Prepared on) {
        NoiseAwareReward<Latents> reward = on.noiseAware()
                .<NoiseAwareReward<Latents>>map(NoisyReward::new)
                .orElseGet(() -> NoiseAwareReward.atPredictedClean(on.graded()));
        var guidance = new FlowGuidance<>(Map.of("reward", reward), settings(on.plan()));
        return on.timed(GuidedKernel.sampler(on.sampler(), guidance));
    }
}
