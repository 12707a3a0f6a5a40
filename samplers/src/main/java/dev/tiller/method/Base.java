// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Set;

/** {@code base}: the plain model. */
final class Base extends ParticleMethod {
    @Override
    public String name() {
        return "base";
    }

    @Override
    public String summary() {
        return "No steering: what the plain model makes, judged at the end.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of();
    }

    @Override
    public Set<Need> needs() {
        return Set.of();
    }

    @Override
    public boolean steers() {
        return false;
    }

    @Override
    SteeringPlan steering(RunPlan plan) {
        return SteeringPlan.bestOf(particles(plan), 0);
    }
}
