// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

/** The options of methods that guide a sampler by gradients. */
public final class GuidanceOptions {
    public static final Option<Double> GUIDE_FROM =
            Option.number("guide-from", "The part of the steps, from noise, before which nothing is guided.", 0);
    public static final Option<Double> GUIDE_TO =
            Option.number("guide-to", "The part of the steps after which nothing is guided.", 1);
    public static final Option<Double> MAX_NORM =
            Option.number("max-norm", "The longest gradient of a particle, longer ones are cut; 0: no limit.", 0);

    private GuidanceOptions() {}

    /** @param published the paper's */
    static Option<Double> strength(double published) {
        return Option.number("strength", "How far the gradient is followed, in the method's own units.", published);
    }

    /** @param published the paper's */
    static Option<Integer> recurrence(int published) {
        return Option.integer(
                "recurrence", "N", "How often a guided step is made, each time from fresh noise.", published);
    }

    static double maxNorm(RunPlan plan) {
        double most = plan.get(MAX_NORM);
        return most == 0 ? Double.POSITIVE_INFINITY : most;
    }
}
