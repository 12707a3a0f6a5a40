// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.guide.Level;
import dev.tiller.guide.Stage;
import dev.tiller.smc.Move;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan of steps from noise to data: what a {@link SchedulerConfig} makes for a number of steps. Immutable; all that
 * changes from step to step is in {@link Latents}.
 *
 * @param name the solver, as the checkpoint calls it
 * @param steps one for each evaluation of the network
 * @param initialNoiseScale the standard deviation of the first sample, which is pure noise
 * @param memory how many tensors the solver remembers between steps
 */
public record Scheduler(String name, List<Step> steps, double initialNoiseScale, int memory) {
    private static final double ROUNDING = 1e-9;

    /** @throws IllegalArgumentException if a step remembers another number of tensors */
    public Scheduler {
        steps = List.copyOf(steps);
        for (var step : steps) {
            if (step.memory().size() != memory) {
                throw new IllegalArgumentException("every step of " + name + " must remember " + memory + " tensors");
            }
        }
    }

    /** One step, i in [0, steps). */
    public Step step(int i) {
        return steps.get(i);
    }

    /** What the network is told at each step: training indices, falling. */
    public double[] timesteps() {
        return steps.stream().mapToDouble(Step::timestep).toArray();
    }

    /** Whether the steps before the last draw noise: copies of a particle stay equal under a scheduler that does not. */
    public boolean stochastic() {
        return steps.subList(0, steps.size() - 1).stream()
                .anyMatch(step -> step.next().stochastic());
    }

    /**
     * The start.
     *
     * @param noise standard normal, rows × any shape; kept by the caller
     */
    public Latents start(Tensor noise) {
        try (var scope = Scope.open()) {
            var remembered = new ArrayList<Tensor>();
            for (int k = 0; k < memory; k++) {
                remembered.add(scope.keep(noise.times(0)));
            }
            return new Latents(scope.keep(noise.times(initialNoiseScale)), remembered);
        }
    }

    /** What the network is to see of a sample: inputScale · x. */
    public Tensor input(int i, Tensor sample) {
        return sample.times(step(i).inputScale());
    }

    /**
     * One step.
     *
     * @param x the particles; kept by the caller
     * @param output what the network gave for {@link #input}, in the sample's shape; kept by the caller
     * @param noise standard normal in the sample's shape; may be null where {@code step(i).next()} is not stochastic
     * @return the next particles, and the estimate of x₀
     */
    public Move<Latents> advance(int i, Latents x, Tensor output, @Nullable Tensor noise) {
        var step = step(i);
        try (var scope = Scope.open()) {
            var at = new ArrayList<@Nullable Tensor>(List.of(x.sample(), output));
            at.add(null);
            at.add(noise);
            at.addAll(x.memory());
            var clean = clean(i, x, output);
            at.set(2, clean);
            var next = scope.keep(combine(step.next(), at));
            var memory = new ArrayList<Tensor>();
            for (var remembered : step.memory()) {
                memory.add(scope.keep(combine(remembered, at)));
            }
            return new Move<>(new Latents(next, memory), new Latents(scope.keep(clean), List.of()));
        }
    }

    /**
     * The step without its noise, as if the network had given another estimate of x₀.
     *
     * @param clean of the sample's shape, not clipped; all are kept by the caller
     * @return the mean of the next particles, with what they remember
     */
    public Latents mean(int i, Latents x, Tensor clean) {
        try (var scope = Scope.open()) {
            // clean = a x + b output
            double a = step(i).clean().of(Combination.SAMPLE);
            double b = step(i).clean().of(Combination.OUTPUT);
            return keep(scope, mean(i, x, clean.minus(x.sample().times(a)).times(1 / b), clean));
        }
    }

    /**
     * The step without its noise.
     *
     * @param output as for {@link #advance}
     * @param clean the estimate of x₀ from it
     */
    public Latents mean(int i, Latents x, Tensor output, Tensor clean) {
        try (var scope = Scope.open()) {
            var at = new ArrayList<@Nullable Tensor>(List.of(x.sample(), output, clean));
            at.add(null);
            at.addAll(x.memory());
            var memory = step(i).memory().stream().map(m -> combine(m, at)).toList();
            return keep(scope, new Latents(combine(step(i).next().withoutNoise(), at), memory));
        }
    }

    private static Latents keep(Scope scope, Latents latents) {
        scope.keep(latents.sample());
        latents.memory().forEach(scope::keep);
        return latents;
    }

    /** α, σ and the noise's standard deviation of each step, for guidance. */
    public List<Stage> stages() {
        var stages = new ArrayList<Stage>();
        for (int i = 0; i < steps.size(); i++) {
            var to = i + 1 < steps.size() ? level(steps.get(i + 1)) : after(steps.get(i));
            stages.add(new Stage(
                    level(steps.get(i)), to, Math.abs(steps.get(i).next().of(Combination.NOISE))));
        }
        return List.copyOf(stages);
    }

    /**
     * Where the last step ends, if its estimate of x₀ is right: at data, unless the configuration ends at the first training level
     * (set_alpha_to_one = false). A solver that remembers is taken to end at data.
     */
    private static Level after(Step last) {
        if (!last.memory().isEmpty()) {
            return Level.CLEAN;
        }
        // x = α x₀ + σ n and x₀ = a x + b output
        double a = last.clean().of(Combination.SAMPLE);
        double ofOutput = last.next().of(Combination.OUTPUT) / last.clean().of(Combination.OUTPUT);
        double ofSample = last.next().of(Combination.SAMPLE) - ofOutput * a;
        double alpha = ofSample * last.alpha() + ofOutput + last.next().of(Combination.CLEAN);
        double sigma = Math.hypot(ofSample * last.sigma(), last.next().of(Combination.NOISE));
        return sigma < ROUNDING ? Level.CLEAN : new Level(alpha, sigma);
    }

    private static Level level(Step step) {
        return new Level(step.alpha(), step.sigma());
    }

    /**
     * The estimate of x₀ alone.
     *
     * @param output as for {@link #advance}
     */
    public Tensor clean(int i, Latents x, Tensor output) {
        var step = step(i);
        try (var scope = Scope.open()) {
            var at = new ArrayList<@Nullable Tensor>(List.of(x.sample(), output));
            at.add(null);
            at.add(null);
            at.addAll(x.memory());
            var clean = combine(step.clean(), at);
            return scope.keep(step.clip() < Double.POSITIVE_INFINITY ? clean.clamp(-step.clip(), step.clip()) : clean);
        }
    }

    /** The forward process: α x₀ + σ n, the sample that {@code step(i)} starts from. */
    public Tensor noised(int i, Tensor clean, Tensor noise) {
        try (var scope = Scope.open()) {
            return scope.keep(clean.times(step(i).alpha()).plus(noise.times(step(i).sigma())));
        }
    }

    /** Always a new tensor. */
    private static Tensor combine(Combination combination, List<? extends @Nullable Tensor> at) {
        Tensor sum = null;
        double[] coefficients = combination.coefficients();
        for (int k = 0; k < at.size(); k++) {
            if (coefficients[k] != 0) {
                var tensor = at.get(k);
                if (tensor == null) {
                    throw new IllegalArgumentException("this step needs noise, and none was given");
                }
                var term = tensor.times(coefficients[k]);
                sum = sum == null ? term : sum.plus(term);
            }
        }
        var first = at.get(0);
        return sum != null ? sum : java.util.Objects.requireNonNull(first).times(0);
    }
}
