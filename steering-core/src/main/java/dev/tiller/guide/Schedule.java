// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.smc.Tempering;
import java.util.List;

/** How a strength changes from step to step. */
@FunctionalInterface
public interface Schedule {
    /** The same at every step. */
    Schedule CONSTANT = (step, stages) -> 1;

    /** TFG (Ye et al. 2024) "increase": in proportion to ᾱ_t/ᾱ_(t-1), mean 1 over the steps. */
    Schedule INCREASE = (step, stages) -> share(step, stages, true);

    /** TFG "decrease": in proportion to 1 − ᾱ_t/ᾱ_(t-1), mean 1 over the steps. */
    Schedule DECREASE = (step, stages) -> share(step, stages, false);

    /** The factor at a step, finite. */
    double at(int step, List<Stage> stages);

    /** As the temperature of a {@link dev.tiller.smc.SteeringPlan}. */
    static Schedule of(Tempering tempering) {
        return (step, stages) -> tempering.at(step, stages.size());
    }

    private static double share(int step, List<Stage> stages, boolean increase) {
        double sum = stages.stream().mapToDouble(s -> part(s, increase)).sum();
        return part(stages.get(step), increase) * stages.size() / sum;
    }

    /** ᾱ is that of the variance preserving path with the same signal-to-noise ratio. */
    private static double part(Stage stage, boolean increase) {
        double left = alphaBar(stage.from()) / alphaBar(stage.to());
        return increase ? left : 1 - left;
    }

    private static double alphaBar(Level level) {
        double signal = level.alpha() * level.alpha();
        return signal / (signal + level.sigma() * level.sigma());
    }
}
