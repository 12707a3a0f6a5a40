// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.ascent.Adam;
import dev.tiller.ascent.AscentPlan;
import dev.tiller.ascent.Lbfgs;
import dev.tiller.ascent.NoisePrior;
import dev.tiller.ascent.NormPrior;
import dev.tiller.ascent.Optimizer;
import dev.tiller.ascent.ProbabilityPrior;
import dev.tiller.ascent.Sgd;
import dev.tiller.ascent.Sphere;
import dev.tiller.run.HeldOutAlarm;
import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Map;

/** The options of methods that climb from noise, and what they mean. Defaults are those of the method's paper. */
public final class AscentOptions {
    public static final Option<Integer> ITERATIONS =
            Option.integer("iterations", "N", "How many noises are evaluated one after another.", 50);
    public static final Option<String> OPTIMIZER = Option.choice(
            "optimizer", "How steps uphill are made: sgd, adam, lbfgs.", "sgd", List.of("sgd", "adam", "lbfgs"));
    public static final Option<Double> RATE = Option.number("learning-rate", "How long the steps are.", 5);
    public static final Option<Double> CLIP_NORM =
            Option.number("clip-norm", "The largest norm of a gradient, longer ones are shortened; 0: no limit.", 0.1);
    public static final Option<String> PRIOR = Option.choice(
            "prior",
            "What keeps the noise like noise: norm, probability, sphere, none.",
            "norm",
            List.of("norm", "probability", "sphere", "none"));
    public static final Option<Double> PRIOR_WEIGHT =
            Option.number("prior-weight", "How much the prior counts, in units of the reward.", 0.01);
    public static final Option<Integer> PATIENCE =
            Option.integer("patience", "N", "Give up after so many iterations without a better picture; 0: never.", 0);
    public static final Option<Boolean> STOP_WHEN_GAMED = Option.flag(
            "stop-when-gamed", "Stop when the reward rises while that of --hold-out falls beyond its noise.");
    public static final Option<Integer> PREVIEW_EVERY = Option.integer(
            "preview-every",
            "N",
            "Iterations from one whose pictures are kept to the next.",
            plan -> Math.max(1, plan.get(ITERATIONS) / 10),
            "a tenth of the iterations");

    static final List<Option<?>> ALL = List.of(
            ITERATIONS, OPTIMIZER, RATE, CLIP_NORM, PRIOR, PRIOR_WEIGHT, PATIENCE, STOP_WHEN_GAMED, PREVIEW_EVERY);

    private AscentOptions() {}

    /** ReNO's for one-step models. */
    static Map<String, Object> reno() {
        return Map.of();
    }

    /** DNO's for SD 1.5, with its AdamW. */
    static Map<String, Object> dno() {
        return Map.of(
                OPTIMIZER.name(),
                "adam",
                RATE.name(),
                0.01,
                CLIP_NORM.name(),
                1,
                PRIOR.name(),
                "probability",
                PRIOR_WEIGHT.name(),
                1);
    }

    static AscentPlan ascent(RunPlan plan) {
        double clip = plan.get(CLIP_NORM);
        var ascent = AscentPlan.of(plan.get(ITERATIONS), optimizer(plan))
                .withPrior(prior(plan))
                .withClip(clip == 0 ? Double.POSITIVE_INFINITY : clip)
                .withPatience(plan.get(PATIENCE));
        return plan.get(STOP_WHEN_GAMED) ? ascent.withAlarm(alarm(plan)) : ascent;
    }

    /** The iterations from one whose pictures are kept to the next, at least 1. */
    static int previewEvery(RunPlan plan) {
        int every = plan.get(PREVIEW_EVERY);
        if (every < 1) {
            throw new TillerException("Pictures are kept every so many iterations, at least 1, but not " + every + ".");
        }
        return every;
    }

    private static HeldOutAlarm alarm(RunPlan plan) {
        if (plan.get(RunPlan.HOLD_OUT).isEmpty()) {
            throw new TillerException("--stop-when-gamed needs a reward to watch; name one with --hold-out.");
        }
        return HeldOutAlarm.DEFAULT;
    }

    private static Optimizer optimizer(RunPlan plan) {
        double rate = plan.get(RATE);
        return switch (plan.get(OPTIMIZER)) {
            case "sgd" -> new Sgd(rate, 0.9, true);
            // AdamW's decay, as DNO has it.
            case "adam" -> new Adam(rate, 0.9, 0.999, 1e-8, 0.01);
            case "lbfgs" -> new Lbfgs(rate, 10);
            default ->
                throw new TillerException("There is no optimizer '" + plan.get(OPTIMIZER) + "'; choose one of "
                        + String.join(", ", OPTIMIZER.choices()) + ".");
        };
    }

    private static NoisePrior prior(RunPlan plan) {
        return switch (plan.get(PRIOR)) {
            case "norm" -> new NormPrior(plan.get(PRIOR_WEIGHT));
            case "probability" -> new ProbabilityPrior(plan.get(PRIOR_WEIGHT), 4, 100);
            case "sphere" -> Sphere.START;
            case "none" -> NoisePrior.NONE;
            default ->
                throw new TillerException("There is no prior '" + plan.get(PRIOR) + "'; choose one of "
                        + String.join(", ", PRIOR.choices()) + ".");
        };
    }
}
