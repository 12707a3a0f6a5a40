// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.TillerException;
import dev.tiller.smc.Potential;
import dev.tiller.smc.Resampling;
import dev.tiller.smc.ResamplingScheme;
import dev.tiller.smc.ScoringSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The options that particle methods share, and what they mean to the engine. */
public final class SteeringOptions {
    private static final List<String> SCHEMES = Arrays.stream(ResamplingScheme.values())
            .map(s -> s.name().toLowerCase(Locale.ROOT))
            .toList();

    public static final Option<Double> LAMBDA =
            Option.number("lambda", "How strongly the reward counts: samples follow p(x) exp(lambda r(x)).", 3);
    public static final Option<String> POTENTIAL = Option.choice(
            "potential",
            "What of the reward counts early: difference, max, sum, none.",
            "difference",
            List.of("difference", "max", "sum", "none"));
    public static final Option<Integer> RESAMPLE_FROM = Option.integer(
            "resample-from",
            "STEP",
            "The first step after which particles are judged; much earlier, the predicted pictures are a blur.",
            plan -> Math.max(1, (int) Math.round(0.3 * plan.get(RunPlan.STEPS))),
            "after 30 % of the steps");
    public static final Option<Integer> RESAMPLE_EVERY = Option.integer(
            "resample-every",
            "STEPS",
            "Steps from one judging to the next.",
            // Children differ only after a second step.
            plan -> Math.max(plan.method() instanceof Svdd ? 2 : 1, plan.get(RunPlan.STEPS) / 10),
            "a tenth of the steps");
    public static final Option<String> RESAMPLER = Option.choice(
            "resampler", "How copies are drawn: " + String.join(", ", SCHEMES) + ".", "systematic", SCHEMES);
    public static final Option<Double> ESS_THRESHOLD = Option.number(
            "ess-threshold",
            "Resample when the effective sample size falls below this part of the particles; 1: always.",
            0.5);

    private SteeringOptions() {}

    static Potential potential(RunPlan plan) {
        return Potential.named(plan.get(POTENTIAL));
    }

    static ScoringSchedule schedule(RunPlan plan) {
        int from = plan.get(RESAMPLE_FROM);
        int every = plan.get(RESAMPLE_EVERY);
        if (from < 1 || every < 1) {
            throw new TillerException(
                    "Resampling starts after step 1 or later, and comes every 1 or more steps, not after " + from
                            + " every " + every + ".");
        }
        return from >= plan.get(RunPlan.STEPS) ? ScoringSchedule.lastOnly() : ScoringSchedule.from(from - 1, every);
    }

    static Resampling resampling(RunPlan plan) {
        var scheme = ResamplingScheme.named(plan.get(RESAMPLER));
        double threshold = plan.get(ESS_THRESHOLD);
        return threshold == 1 ? Resampling.always(scheme) : Resampling.whenEssBelow(threshold, scheme);
    }
}
