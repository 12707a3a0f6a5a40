// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.AscentOptions;
import dev.tiller.method.Method;
import dev.tiller.method.RunPlan;
import dev.tiller.run.TillerException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a method is given to spend on a picture: so many times the network evaluations of a plain one.
 *
 * @param plain what a plain picture is: the model, the steps, the guidance
 */
record Budget(RunPlan plain) {
    private static final String CANDIDATES = "candidates";
    private static final String CHILDREN = "children";

    /**
     * Network evaluations of a plan's run, if its sampler has as many steps as the plan says and classifier-free guidance takes two
     * for each.
     */
    static long evaluations(RunPlan plan) {
        return plan.method().moves(plan, plan.get(RunPlan.STEPS)) * plan.evaluationsPerStep();
    }

    /**
     * A plan that spends a budget, as far as whole particles and iterations allow. What is given of these stands; ascents take
     * at most as many iterations as their paper, and what is left are more of them side by side.
     *
     * @param k how many times a plain picture
     * @param given options by name
     * @throws TillerException if the plan cannot be, or spends more
     */
    RunPlan spend(Method method, int k, Map<String, Object> given) {
        if (k < 1) {
            throw new TillerException("A method is given at least 1 particle, not " + k + ".");
        }
        var options = new LinkedHashMap<>(given);
        long allowed = k * evaluations(plain);
        var particles = RunPlan.PARTICLES.name();
        var iterations = AscentOptions.ITERATIONS.name();
        if (has(method, CANDIDATES)) {
            // One noise after another instead of many at a time.
            options.putIfAbsent(CANDIDATES, 1);
        }
        if (has(method, iterations) && !options.containsKey(iterations)) {
            boolean free = options.putIfAbsent(particles, 1) == null;
            int longest =
                    RunPlan.of(Map.of(RunPlan.METHOD.name(), method.name())).get(AscentOptions.ITERATIONS);
            int most = most(options, iterations, allowed);
            if (free && most > longest && !has(method, CANDIDATES)) {
                options.put(particles, (most - 1) / longest + 1);
                most = most(options, iterations, allowed);
            }
            options.put(iterations, most);
        } else if (!options.containsKey(particles)) {
            options.put(particles, Cell.BASE.equals(method.name()) ? 1 : most(options, particles, allowed));
        }
        if (has(method, CHILDREN)) {
            // Families must divide the particles.
            int n = RunPlan.of(options).get(RunPlan.PARTICLES);
            options.putIfAbsent(CHILDREN, n % 4 == 0 ? 4 : n);
        }
        var plan = RunPlan.of(options);
        method.check(plan);
        require(method.name(), k, evaluations(plan), allowed);
        return plan;
    }

    /** The largest value of an option, of which the cost is an affine function, that the budget allows. */
    private static int most(Map<String, Object> options, String option, long allowed) {
        long one = evaluations(with(options, option, 1));
        long each = evaluations(with(options, option, 2)) - one;
        if (one > allowed) {
            throw new TillerException("The method " + options.get(RunPlan.METHOD.name()) + " takes at least " + one
                    + " network evaluations for a picture, but may spend " + allowed + "; raise --particles.");
        }
        return (int) Math.min(65_536, 1 + (allowed - one) / each);
    }

    private static RunPlan with(Map<String, Object> options, String option, int value) {
        var changed = new LinkedHashMap<>(options);
        changed.put(option, value);
        return RunPlan.of(changed);
    }

    /** @throws TillerException if a cell spends more than it may */
    static void require(String cell, int k, long spent, long allowed) {
        if (spent > allowed) {
            throw new TillerException("The cell " + cell + " may spend " + allowed
                    + " network evaluations on a picture, " + k + " times those of a plain one, but takes " + spent
                    + "; give the method fewer particles or iterations, or raise --particles.");
        }
    }

    private static boolean has(Method method, String option) {
        return method.options().stream().anyMatch(o -> o.name().equals(option));
    }
}
