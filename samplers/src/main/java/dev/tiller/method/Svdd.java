// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.TillerException;
import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Set;

/** {@code svdd}: several children per particle (Li et al. 2024), of which one goes on. */
final class Svdd extends ParticleMethod {
    static final Option<Integer> CHILDREN =
            Option.integer("children", "N", "Candidates per particle, counted among the particles.", 4);

    @Override
    public String name() {
        return "svdd";
    }

    @Override
    public String summary() {
        return "Children per particle: each particle branches, and one of its children is chosen to go on.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of(
                SteeringOptions.LAMBDA,
                SteeringOptions.POTENTIAL,
                SteeringOptions.RESAMPLE_FROM,
                SteeringOptions.RESAMPLE_EVERY,
                CHILDREN);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.STOCHASTIC_SAMPLER);
    }

    /** As many network evaluations as other methods: the families share the particles. */
    @Override
    SteeringPlan steering(RunPlan plan) {
        int particles = particles(plan);
        int children = plan.get(CHILDREN);
        if (children < 2 || particles % children != 0) {
            throw new TillerException("With svdd the particles are families of equal size: " + particles
                    + " particles cannot be families of " + children + " children.");
        }
        return SteeringPlan.svdd(
                        particles / children,
                        children,
                        plan.get(SteeringOptions.LAMBDA),
                        SteeringOptions.schedule(plan))
                .withPotential(SteeringOptions.potential(plan));
    }
}
