// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.smc.Key;
import dev.tiller.weights.SafeTensors;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A way to make pictures that a reward likes; has no state. To add one, implement this and enrol it in {@link Methods}. */
public interface Method {
    /** What a method asks of the model and the reward. */
    enum Need {
        /** A reward that has a gradient, or an approximation of it. */
        GRADIENT,
        /** A sampler that draws noise: DDIM with eta above 0, or an SDE. */
        STOCHASTIC_SAMPLER
    }

    /** As after {@code --method}. */
    String name();

    /** What it does, in one plain sentence. */
    String summary();

    /** What can be chosen beside {@link RunPlan#COMMON}. */
    List<Option<?>> options();

    /** Values of common options, by name, where this method's defaults differ. */
    default Map<String, Object> presets() {
        return Map.of();
    }

    /** What it asks of the model and the reward. */
    Set<Need> needs();

    /** Whether a run can be steered by hand and branched: its state is particles on their way, and nothing more. */
    default boolean branches() {
        return false;
    }

    /** Whether the reward changes what is made, and not only what is chosen in the end. */
    default boolean steers() {
        return true;
    }

    /**
     * Refuses a plan that cannot be, before anything is loaded.
     *
     * @throws dev.tiller.run.TillerException saying what is wrong
     */
    void check(RunPlan plan);

    /**
     * How often a run moves a single particle by a step, at most: each is a network evaluation, with classifier-free guidance
     * two.
     *
     * @param steps of the sampler
     */
    default long moves(RunPlan plan, int steps) {
        return (long) plan.get(RunPlan.PARTICLES) * steps;
    }

    /**
     * Begins a run; the caller closes it.
     *
     * @param on must live until the run is closed
     * @param key the one source of randomness
     * @throws dev.tiller.run.TillerException if the plan does not fit the model; nobody has heard anything then
     */
    ResumableRun start(Prepared on, Key key, Audience audience);

    /**
     * Goes on with a run of the same plan and key: everything that follows is equal to the bit.
     *
     * @param state what {@link ResumableRun#save} wrote
     */
    ResumableRun resume(SafeTensors state, Prepared on, Key key, Audience audience);
}
