// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

/** The options of methods that guide a sampler by gradients. */
public final class GuidanceOptions {
    public static final Option<Double> GUIDE_FROM =
            Option.number("guide-from", "The part of the steps, from noise, before which nothing is guided.", 0);
    public static final Option<Double> GUIDE_TO =
            Option.number("guide-to", "The part of the steps after which nothing is guided.", 1);

    private GuidanceOptions() {}

    /** @param preset the method's */
    static Option<Double> strength(double preset) {
        return Option.number("strength", "How far the gradient is followed, in the method's own units.", preset);
    }

    /** @param preset the method's */
    static Option<Integer> recurrence(int preset) {
        return Option.integer(
                "recurrence",
                "N",
                "How often a step is made, each time from fresh noise; with freedom and universal the middle ones alone.",
                preset);
    }

    /** @param preset the method's, infinite for no limit */
    static Option<Double> maxNorm(double preset) {
        return Option.number(
                "max-norm",
                "The longest gradient of a particle, longer ones are cut; 0: no limit.",
                Double.isInfinite(preset) ? 0 : preset);
    }

    /** The limit that a plan asks for, infinite for none. */
    static double maxNorm(RunPlan plan, Option<Double> option) {
        double most = plan.get(option);
        return most == 0 ? Double.POSITIVE_INFINITY : most;
    }
}
