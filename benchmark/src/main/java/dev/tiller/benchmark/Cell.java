// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.Method;
import dev.tiller.method.Methods;
import dev.tiller.method.RunPlan;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A method at a level of compute.
 *
 * @param method as written, such as {@code fk} or {@code fk(lambda=10)}
 * @param budget how many times the network evaluations of one plain picture it may spend on a picture, at least 1
 * @param plan of its runs, all but the prompt and the seed
 */
public record Cell(String method, int budget, RunPlan plan) {
    private static final String BASE = "base";
    private static final Pattern WRITTEN = Pattern.compile("([a-z0-9-]+)(?:\\((.*)\\))?");
    /** What says nothing about how a picture of a cell is made. */
    private static final List<String> NO_PART = List.of("prompt", "seed", "unsteered", "baseline");

    /** As in tables: {@code base}, {@code fk k=4}. */
    public String name() {
        return isBase() ? method : method + " k=" + budget;
    }

    /** As a file name. */
    public String fileName() {
        return name().replaceAll("[^A-Za-z0-9.=-]+", "-");
    }

    public boolean isBase() {
        return plan.method().name().equals(BASE);
    }

    /** Whether it chooses among finished pictures, the baseline of all that spend as much. */
    public boolean isBestOfN() {
        return plan.method().name().equals("bon");
    }

    /** The options of its runs. */
    Map<String, Object> options() {
        var options = plan.toMap();
        options.keySet().removeAll(NO_PART);
        return options;
    }

    /**
     * Every method at every level; the plain model, which has no use for more, at one.
     *
     * @param methods names, each perhaps with options: {@code fk(lambda=10,potential=max)}
     * @param budgets the levels
     * @param common options of all runs, by name; a method's own presets stand where they do not say otherwise
     * @throws TillerException if a method or an option does not exist
     */
    public static List<Cell> of(List<String> methods, List<Integer> budgets, Map<String, ?> common) {
        var cells = new ArrayList<Cell>();
        for (var written : methods) {
            var own = new LinkedHashMap<String, Object>(common);
            var method = parse(written, own);
            for (int budget : method.name().equals(BASE) ? List.of(1) : budgets) {
                cells.add(new Cell(written, budget, plan(method, budget, own)));
            }
        }
        var twice =
                cells.stream().collect(Collectors.groupingBy(Cell::name, LinkedHashMap::new, Collectors.counting()));
        twice.forEach((name, n) -> {
            if (n > 1) {
                throw new TillerException("The benchmark has " + name + " twice.");
            }
        });
        return cells;
    }

    private static Method parse(String written, Map<String, Object> options) {
        var match = WRITTEN.matcher(written);
        if (!match.matches()) {
            throw new TillerException(
                    "'" + written + "' is no method; write fk or fk(lambda=10,potential=max), separated by commas.");
        }
        var method = Methods.named(match.group(1));
        options.put(RunPlan.METHOD.name(), method.name());
        if (match.group(2) != null && !match.group(2).isBlank()) {
            for (var pair : match.group(2).split(",", -1)) {
                var parts = pair.split("=", 2);
                if (parts.length != 2) {
                    throw new TillerException("In '" + written + "' the option '" + pair + "' has no value.");
                }
                options.put(parts[0].strip(), parts[1].strip());
            }
        }
        return method;
    }

    private static RunPlan plan(Method method, int budget, Map<String, Object> given) {
        if (budget < 1) {
            throw new TillerException("A method is given at least 1 particle, not " + budget + ".");
        }
        var options = new LinkedHashMap<>(given);
        // Not a method's own preset: a sample should cost the same for all.
        options.putIfAbsent(RunPlan.STEPS.name(), RunPlan.of("").get(RunPlan.STEPS));
        if (has(method, "iterations")) {
            // One noise after another instead of many at a time.
            options.putIfAbsent(RunPlan.PARTICLES.name(), 1);
            options.putIfAbsent("iterations", budget);
            if (has(method, "candidates")) {
                options.putIfAbsent("candidates", 1);
            }
        }
        options.putIfAbsent(RunPlan.PARTICLES.name(), budget);
        if (has(method, "children")) {
            // Families must divide the particles.
            options.putIfAbsent("children", budget % 4 == 0 ? 4 : budget);
        }
        var plan = RunPlan.of(options);
        method.check(plan);
        return plan;
    }

    private static boolean has(Method method, String option) {
        return method.options().stream().anyMatch(o -> o.name().equals(option));
    }
}
