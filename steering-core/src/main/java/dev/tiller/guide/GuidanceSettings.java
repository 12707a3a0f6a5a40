// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a reward's gradient guides a sampler: the design space of TFG (Ye et al. 2024, algorithm 1), in which the other methods
 * are points. In each step
 *
 * <pre>
 * g = ∂r~(E[x₀ | x_t]) / ∂x_t                      r~(c) = log of the mean over draws of exp r(c + smoothing · noise)
 * Δ₀ ← Δ₀ + μ ∂r~(E[x₀ | x_t] + Δ₀)                cleanSteps times, from 0
 * x_(t-1) = mean + std · noise + ρ · rule(g) + α_(t-1) Δ₀
 * x_t ~ q(x_t | x_(t-1)), and again                 recurrence times in all
 * </pre>
 *
 * <p>Under {@link StepRule#SCORE} both gradients are added to E[x₀ | x_t] instead, before the solver goes on from it.
 *
 * <table>
 * <caption>Names here and in TFG</caption>
 * <tr><td>through</td><td>ρ̄, ρ_t: "variance guidance", through the network</td></tr>
 * <tr><td>past, cleanSteps</td><td>μ̄, μ_t, N_iter: "mean guidance", past the network</td></tr>
 * <tr><td>smoothing</td><td>γ̄, and the number of Monte Carlo draws</td></tr>
 * <tr><td>recurrence</td><td>N_recur</td></tr>
 * </table>
 *
 * @param rule how far a gradient is followed
 * @param through ρ; 0 for no gradient through the network
 * @param past μ
 * @param cleanSteps gradient steps on the estimate of x₀, from 0
 * @param smoothing the noise on the estimate of x₀ under which the reward is taken
 * @param recurrence how often steps are made
 * @param window the steps that are guided
 * @param maxNorm the longest gradient of a row, by Euclidean norm; longer ones are cut to it; infinite for no limit
 */
public record GuidanceSettings(
        StepRule rule,
        Strength through,
        Strength past,
        int cleanSteps,
        Smoothing smoothing,
        Recurrence recurrence,
        Window window,
        double maxNorm) {
    /**
     * How far a gradient is followed at a step.
     *
     * @param value finite, from 0
     * @param schedule what it is multiplied by at each step
     */
    public record Strength(double value, Schedule schedule) {
        static final Strength NONE = new Strength(0, Schedule.CONSTANT);

        public Strength {
            requireStrength("strength of guidance", value);
        }

        double at(int step, List<Stage> stages) {
            return value * schedule.at(step, stages);
        }
    }

    /**
     * Noise under which a reward is taken.
     *
     * @param deviation from 0, in units of σ of the variance preserving path (γ √(1 − ᾱ_t))
     * @param draws of it, at least 1
     */
    public record Smoothing(double deviation, int draws) {
        static final Smoothing NONE = new Smoothing(0, 1);

        public Smoothing {
            requireStrength("smoothing of the reward", deviation);
            requireSome("draw", draws);
        }
    }

    /**
     * Steps that are made more than once.
     *
     * @param rounds how often, at least 1
     * @param window which steps; others are made once
     */
    public record Recurrence(int rounds, Window window) {
        static final Recurrence NONE = new Recurrence(1, Window.ALL);

        public Recurrence {
            requireSome("round", rounds);
        }
    }

    /** @throws TillerException if a number is out of its range */
    public GuidanceSettings {
        if (cleanSteps < 0) {
            throw new TillerException("Guidance makes 0 or more steps on the clean sample, not " + cleanSteps + ".");
        }
        if (!(maxNorm > 0)) {
            throw new TillerException("The largest norm of a gradient must be above 0, not " + maxNorm + ".");
        }
    }

    private static void requireSome(String what, int number) {
        if (number < 1) {
            throw new TillerException("Guidance needs at least 1 " + what + ", not " + number + ".");
        }
    }

    private static void requireStrength(String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new TillerException("The " + what + " must be a finite number from 0, not " + value + ".");
        }
    }

    /** How often a step is made under guidance; 0 where it is not guided. */
    public int rounds(int step, int steps) {
        if (!window.contains(step, steps)) {
            return 0;
        }
        return recurrence.window().contains(step, steps) ? recurrence.rounds() : 1;
    }

    /** Guidance through the network at every step, and nothing else. */
    public static GuidanceSettings of(StepRule rule, double strength) {
        return new GuidanceSettings(
                rule,
                new Strength(strength, Schedule.CONSTANT),
                Strength.NONE,
                0,
                Smoothing.NONE,
                Recurrence.NONE,
                Window.ALL,
                Double.POSITIVE_INFINITY);
    }

    /**
     * DPS (Chung et al. 2023): for rewards −‖y − A x₀‖², ancestral sampling of 1000 steps, ζ between 0.3 and 1 by task. For any
     * other reward ask for another rule.
     */
    public static final GuidanceSettings DPS = of(StepRule.DISTANCE, 1);

    /**
     * FreeDoM (Yu et al. 2023) as published for CLIP on a pixel model of ImageNet: 100 ancestral steps, of which those from
     * timestep 800 to 500 are made 10 times.
     */
    public static final GuidanceSettings FREEDOM = of(StepRule.RELATIVE, 0.02).withRecurrence(10, new Window(0.2, 0.5));

    /**
     * Universal Guidance (Bansal et al. 2023) as its authors' repository publishes it for CLIP on an unconditional ImageNet
     * model: s(t) = 2 √(1 − ᾱ_t), 10 rounds, no backward steps, where the reward is CLIP's logit, a hundred times the cosine (for
     * styles 5, with 5 rounds). Its backward guidance is {@link #withClean}.
     */
    public static final GuidanceSettings UNIVERSAL = of(StepRule.SCORE, 2).withRecurrence(10, Window.ALL);

    /**
     * TFG (Ye et al. 2024): increasing schedules, one round, four steps on the clean sample, smoothing of one draw. Strengths
     * are for the user to search, as the paper does from 0.25 upwards, doubling each in turn.
     */
    public static final GuidanceSettings TFG = of(StepRule.SCALED, 0.25)
            .withStrengthSchedule(Schedule.INCREASE)
            .withClean(0.25, Schedule.INCREASE, 4)
            .withSmoothing(0.1, 1);

    /**
     * The proposal of TDS (Wu et al. 2023): the score of the twisted target. The strength is the plan's λ, the kernel
     * {@link GuidedKernel#proposal}, every step is scored, the potential is DIFFERENCE. Any other strength is exact too: it
     * decides how even the weights are. With few steps these moves are longer than their noise and the weights have heavy tails
     * (on a toy, the estimate of Z varies five times as much as unguided at 6 steps, and half as much at 48); {@link #DAS} scales
     * its moves by the noise's variance.
     */
    public static final GuidanceSettings TDS = of(StepRule.SCORE, 1);

    /**
     * The proposal of DAS (Kim et al. 2025). The strength is the plan's λ, its schedule the plan's tempering
     * ({@link Schedule#of}), else as TDS.
     */
    public static final GuidanceSettings DAS = of(StepRule.VARIANCE, 1);

    /**
     * The published settings by name: dps, freedom, universal, tfg, tds, das.
     *
     * @throws TillerException if there are none of that name
     */
    public static GuidanceSettings named(String name) {
        var known = new TreeMap<>(
                Map.of("dps", DPS, "freedom", FREEDOM, "universal", UNIVERSAL, "tfg", TFG, "tds", TDS, "das", DAS));
        var settings = known.get(name.toLowerCase(Locale.ROOT));
        if (settings == null) {
            throw new TillerException(
                    "There is no guidance '" + name + "'; choose one of " + String.join(", ", known.keySet()) + ".");
        }
        return settings;
    }

    /** ρ without its schedule. */
    public double strength() {
        return through.value();
    }

    /** With ρ, finite, from 0; its schedule stays. */
    public GuidanceSettings withStrength(double newStrength) {
        return withThrough(new Strength(newStrength, through.schedule()));
    }

    /** With what ρ is multiplied by at each step. */
    public GuidanceSettings withStrengthSchedule(Schedule newSchedule) {
        return withThrough(new Strength(through.value(), newSchedule));
    }

    private GuidanceSettings withThrough(Strength newThrough) {
        return new GuidanceSettings(rule, newThrough, past, cleanSteps, smoothing, recurrence, window, maxNorm);
    }

    /** With gradient steps on the estimate of x₀ itself, which cost no pass through the network. */
    public GuidanceSettings withClean(double newStrength, Schedule newSchedule, int newSteps) {
        var newPast = new Strength(newStrength, newSchedule);
        return new GuidanceSettings(rule, through, newPast, newSteps, smoothing, recurrence, window, maxNorm);
    }

    /** With the reward under noise, as {@link Smoothing} says. */
    public GuidanceSettings withSmoothing(double deviation, int draws) {
        var newSmoothing = new Smoothing(deviation, draws);
        return new GuidanceSettings(rule, through, past, cleanSteps, newSmoothing, recurrence, window, maxNorm);
    }

    /** With some steps made {@code rounds} times. */
    public GuidanceSettings withRecurrence(int rounds, Window steps) {
        var newRecurrence = new Recurrence(rounds, steps);
        return new GuidanceSettings(rule, through, past, cleanSteps, smoothing, newRecurrence, window, maxNorm);
    }

    /** With the steps that are guided. */
    public GuidanceSettings withWindow(Window newWindow) {
        return new GuidanceSettings(rule, through, past, cleanSteps, smoothing, recurrence, newWindow, maxNorm);
    }

    /** With the longest gradient of a row; infinite for no limit. */
    public GuidanceSettings withMaxNorm(double newMaxNorm) {
        return new GuidanceSettings(rule, through, past, cleanSteps, smoothing, recurrence, window, newMaxNorm);
    }
}
