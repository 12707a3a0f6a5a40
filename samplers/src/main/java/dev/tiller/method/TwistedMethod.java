// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.Schedule;
import dev.tiller.samplers.GuidancePresets;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.smc.Tempering;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Particles that are both guided and weighted: the gradient only proposes, and exact weights keep the target
 * p(x) exp(lambda r(x)). TDS (Wu et al. 2023) has lambda from the start, DAS (Kim et al. 2025) lets it grow.
 */
final class TwistedMethod extends ParticleMethod {
    private final String name;
    private final String summary;
    private final GuidanceSettings proposal;
    private final Tempering tempering;
    private final Option<Double> strength;
    private final Option<Double> maxNorm;

    private TwistedMethod(String name, String summary, Tempering tempering) {
        this.name = name;
        this.summary = summary;
        this.proposal = GuidancePresets.named(name);
        this.tempering = tempering;
        this.strength = GuidanceOptions.strength(proposal.strength());
        this.maxNorm = GuidanceOptions.maxNorm(proposal.maxNorm());
    }

    static TwistedMethod tds() {
        return new TwistedMethod(
                "tds", "Twisted particles: gradients propose, exact weights and resampling correct.", Tempering.NONE);
    }

    static TwistedMethod das() {
        return new TwistedMethod(
                "das",
                "Diffusion alignment as sampling: twisted particles under a reward that grows from step to step.",
                (step, steps) -> Tempering.growing(Math.pow(2, 1.0 / steps) - 1).at(step, steps));
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
        return List.of(
                SteeringOptions.LAMBDA, SteeringOptions.RESAMPLER, SteeringOptions.ESS_THRESHOLD, strength, maxNorm);
    }

    @Override
    public Map<String, Object> presets() {
        return Map.of(RunPlan.PARTICLES.name(), 4);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.GRADIENT, Need.STOCHASTIC_SAMPLER);
    }

    /** Every step is scored: the weights need the reward where the gradient was taken. */
    @Override
    SteeringPlan steering(RunPlan plan) {
        return SteeringPlan.fk(particles(plan), plan.get(SteeringOptions.LAMBDA), ScoringSchedule.from(0, 1))
                .withTempering(tempering)
                .withResampling(SteeringOptions.resampling(plan));
    }

    @Override
    public void check(RunPlan plan) {
        super.check(plan);
        settings(plan);
    }

    /** The weights make any strength right; the papers' own, lambda, proposes moves far longer than their noise. */
    private GuidanceSettings settings(RunPlan plan) {
        return proposal.withStrength(plan.get(strength))
                .withStrengthSchedule(Schedule.of(tempering))
                .withMaxNorm(GuidanceOptions.maxNorm(plan, maxNorm));
    }

    @Override
    Steered steered(Prepared on) {
        var settings = settings(on.plan());
        var reward = on.gradedOnce();
        return new Steered(
                on.timed(GuidedKernel.proposal(on.sampler(), reward.guide(settings))),
                pictures -> on.objective(reward, pictures));
    }
}
