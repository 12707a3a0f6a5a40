// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Set;

/** {@code fk}: Feynman-Kac steering (Singhal et al. 2025). */
final class FeynmanKac extends ParticleMethod {
    @Override
    public String name() {
        return "fk";
    }

    @Override
    public String summary() {
        return "Feynman-Kac particles: those doing well are copied in the place of those that are not.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of(
                SteeringOptions.LAMBDA,
                SteeringOptions.POTENTIAL,
                SteeringOptions.RESAMPLE_FROM,
                SteeringOptions.RESAMPLE_EVERY,
                SteeringOptions.RESAMPLER,
                SteeringOptions.ESS_THRESHOLD);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.STOCHASTIC_SAMPLER);
    }

    @Override
    SteeringPlan steering(RunPlan plan) {
        return SteeringPlan.fk(particles(plan), plan.get(SteeringOptions.LAMBDA), SteeringOptions.schedule(plan))
                .withPotential(SteeringOptions.potential(plan))
                .withResampling(SteeringOptions.resampling(plan));
    }
}
