// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.smc.SteeringPlan;
import java.util.List;
import java.util.Set;

/** {@code bon}: best of n, the baseline of every method. */
final class BestOfN extends ParticleMethod {
    @Override
    public String name() {
        return "bon";
    }

    @Override
    public String summary() {
        return "Best of n: the plain model makes n pictures, and the reward chooses among them.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of(SteeringOptions.LAMBDA);
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
        return SteeringPlan.bestOf(particles(plan), plan.get(SteeringOptions.LAMBDA));
    }
}
