// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.reward.Nearest;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a run was asked to do, complete: with a plan and the same weights the same pictures are made. A plan is a method and
 * the values of options; what is not given follows from the method and from the rest of the plan. Immutable.
 */
public final class RunPlan {
    public static final Option<String> PROMPT = Option.text("prompt", "TEXT", "What the picture should show.", "");
    public static final Option<String> METHOD = Option.text("method", "METHOD", "How to steer; see Methods.", "fk");
    public static final Option<String> REWARD =
            Option.text("reward", "EXPR", "What to steer by, such as clip or \"0.7*clip + 0.3*aesthetic\".", "clip");
    public static final Option<String> HOLD_OUT = Option.text(
            "hold-out",
            "EXPR",
            "A reward that looks on and steers nothing, to see whether the other is being gamed.",
            "");
    public static final Option<Integer> PARTICLES =
            Option.integer("particles", "N", "Candidates worked on side by side.", 8);
    public static final Option<Integer> STEPS = Option.integer("steps", "N", "Denoising steps.", 50);
    public static final Option<Long> SEED = new Option<>(
            "seed", Long.class, "N", "The one source of randomness.", Optional.of(plan -> 0L), "0", List.of());
    public static final Option<String> MODEL = Option.text(
            "model",
            "NAME",
            "An embedded model, a diffusers folder, or a name in the hub cache (see tiller models).",
            "scenes");
    public static final Option<String> NEGATIVE =
            Option.text("negative", "TEXT", "What the picture should not show.", "");
    public static final Option<Double> GUIDANCE =
            Option.number("guidance", "Classifier-free guidance scale; 0 to 1: none.", 3);
    public static final Option<String> SCHEDULER = new Option<>(
            "scheduler",
            String.class,
            "SCHEDULER",
            "How the noise is removed: " + String.join(", ", SchedulerConfig.solverNames()) + ".",
            Optional.of(plan -> ""),
            "the checkpoint's own; ddim where a method needs noise that it does not draw",
            SchedulerConfig.solverNames());
    public static final Option<Double> ETA =
            Option.number("eta", "Noise of DDIM, from 0 to 1; resampling needs some.", 1);
    public static final Option<Integer> WIDTH = size("width");
    public static final Option<Integer> HEIGHT = size("height");
    public static final Option<Long> TORCH_SEED = new Option<>(
            "torch-seed",
            Long.class,
            "N",
            "Draw the first noise as PyTorch does on a CPU from this seed.",
            Optional.empty(),
            "by --seed",
            List.of());
    public static final Option<String> DTYPE = Option.choice(
            "dtype", "float32, bfloat16, or float16 (CUDA).", "float32", List.of("float32", "bfloat16", "float16"));
    public static final Option<String> DEVICE = Option.text("device", "NAME", "cpu, cuda or cuda:N.", "cpu");
    public static final Option<Integer> THREADS = Option.integer(
            "threads",
            "N",
            "Threads of the native engine.",
            plan -> 0,
            "all processors; one where more would be slower");
    public static final Option<Integer> MICRO_BATCH = Option.integer(
            "micro-batch",
            "N",
            "Particles through the network at a time. Changes memory and speed, the pictures at most by rounding.",
            plan -> 0,
            "by the size of the picture");
    public static final Option<Integer> UNSTEERED = Option.integer(
            "unsteered", "N", "Pictures of the same seed that the plain model makes, to compare with.", 4);
    public static final Option<Boolean> BASELINE = Option.flag(
            "baseline", "Also make the best of n at the same number of network evaluations, and show it beside.");

    public static final Option<String> BRANCH_FROM = new Option<>(
            "branch-from",
            String.class,
            "DIR",
            "Go on from the middle of the run in this folder; options that are not given are that run's.",
            Optional.empty(),
            "none",
            List.of());
    public static final Option<Integer> BRANCH_STEP = new Option<>(
            "branch-step",
            Integer.class,
            "N",
            "The first step that is made anew, as the report counts them.",
            Optional.empty(),
            "none",
            List.of());
    public static final Option<Integer> BRANCH_PARTICLE = new Option<>(
            "branch-particle",
            Integer.class,
            "N",
            "The particle, as the report counts them, that all others become copies of.",
            Optional.empty(),
            "all go on as they are",
            List.of());

    /** What makes a run a branch of another. */
    public static final List<Option<?>> BRANCH = List.of(BRANCH_FROM, BRANCH_STEP, BRANCH_PARTICLE);

    /** What every method has. */
    public static final List<Option<?>> COMMON = List.of(
            PROMPT,
            NEGATIVE,
            METHOD,
            REWARD,
            HOLD_OUT,
            PARTICLES,
            STEPS,
            SEED,
            MODEL,
            GUIDANCE,
            SCHEDULER,
            ETA,
            WIDTH,
            HEIGHT,
            TORCH_SEED,
            DTYPE,
            DEVICE,
            THREADS,
            MICRO_BATCH,
            UNSTEERED,
            BASELINE,
            BRANCH_FROM,
            BRANCH_STEP,
            BRANCH_PARTICLE);

    private final Method method;
    private final Map<String, Object> given;

    private RunPlan(Method method, Map<String, Object> given) {
        this.method = method;
        this.given = Collections.unmodifiableMap(given);
    }

    private static Option<Integer> size(String name) {
        return Option.integer(name, "PIXELS", "In pixels.", plan -> 0, "the checkpoint's own");
    }

    /**
     * A plan of options by name, as text or as JSON values.
     *
     * @throws TillerException if an option does not exist, is not the method's, or has no such value
     */
    public static RunPlan of(Map<String, ?> options) {
        var name = options.get(METHOD.name());
        var method = Methods.named(name == null ? METHOD.otherwiseWords() : String.valueOf(name));
        var given = new LinkedHashMap<String, Object>();
        options.forEach((key, value) -> given.put(key, option(method, key).read(value)));
        given.put(METHOD.name(), method.name());
        return new RunPlan(method, given);
    }

    /** A plan that differs from the defaults in its prompt alone. */
    public static RunPlan of(String prompt) {
        return of(Map.of(PROMPT.name(), prompt));
    }

    /**
     * The plan that a manifest holds.
     *
     * @throws TillerException as {@link #of(Map)}
     */
    public static RunPlan ofManifest(Map<String, ?> plan) {
        var options = new LinkedHashMap<String, Object>();
        plan.forEach(
                (key, value) -> options.put(key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT), value));
        if (plan.containsKey("resampleFrom")) {
            // Version 0.1 wrote every method's options, and in Java's spelling.
            var method = Methods.named(String.valueOf(options.get(METHOD.name())));
            options.keySet()
                    .removeIf(key -> COMMON.stream().noneMatch(o -> o.name().equals(key))
                            && method.options().stream().noneMatch(o -> o.name().equals(key)));
        }
        return of(options);
    }

    private static Option<?> option(Method method, String name) {
        var known = new LinkedHashMap<String, Option<?>>();
        COMMON.forEach(o -> known.put(o.name(), o));
        method.options().forEach(o -> known.put(o.name(), o));
        var option = known.get(name);
        if (option != null) {
            return option;
        }
        var others = Methods.all().stream()
                .filter(m -> m.options().stream().anyMatch(o -> o.name().equals(name)))
                .map(Method::name)
                .collect(Collectors.joining(", "));
        throw new TillerException("The method " + method.name() + " has no option '" + name + "'"
                + (others.isEmpty() ? "." + Nearest.hint(name, known.keySet()) : "; it is for " + others + "."));
    }

    /** How to steer. */
    public Method method() {
        return method;
    }

    /** The value of an option that always has one. */
    public <T> T get(Option<T> option) {
        return find(option).orElseThrow();
    }

    /** The value of an option, if it has one. */
    public <T> Optional<T> find(Option<T> option) {
        var value = given.getOrDefault(option.name(), method.presets().get(option.name()));
        return value != null
                ? Optional.of(option.read(value))
                : option.otherwise().map(otherwise -> otherwise.apply(this));
    }

    /** Network evaluations of a particle's step: two under classifier-free guidance, unless the network is told its scale. */
    public int evaluationsPerStep() {
        return ClassifierFreeGuidance.applies(get(GUIDANCE)) ? 2 : 1;
    }

    /** This plan with another value. */
    public <T> RunPlan with(Option<T> option, T value) {
        var options = new LinkedHashMap<>(given);
        options.put(option.name(), value);
        return of(options);
    }

    /** This plan as the beginning of a run of its own. */
    public RunPlan unbranched() {
        var options = new LinkedHashMap<>(given);
        BRANCH.forEach(option -> options.remove(option.name()));
        return of(options);
    }

    /** This plan for another method: the values of options that it has too are kept. */
    public RunPlan with(Method other) {
        var names = new ArrayList<String>();
        COMMON.forEach(o -> names.add(o.name()));
        other.options().forEach(o -> names.add(o.name()));
        var options = new LinkedHashMap<>(toMap());
        options.keySet().retainAll(names);
        options.put(METHOD.name(), other.name());
        return of(options);
    }

    /** Every option that has a value, in order: the {@code plan} of a manifest. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        COMMON.forEach(o -> find(o).ifPresent(value -> map.put(o.name(), value)));
        method.options().forEach(o -> find(o).ifPresent(value -> map.put(o.name(), value)));
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunPlan plan && toMap().equals(plan.toMap());
    }

    @Override
    public int hashCode() {
        return toMap().hashCode();
    }

    @Override
    public String toString() {
        return toMap().toString();
    }
}
