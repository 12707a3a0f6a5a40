// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.Method;
import dev.tiller.method.Methods;
import dev.tiller.method.Option;
import dev.tiller.method.RunPlan;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every method at every level of compute; the plain model, which has no use for more, at one.
 *
 * @param plain the picture that budgets are measured by
 */
record Cells(RunPlan plain, List<Cell> cells) {
    private static final Pattern WRITTEN = Pattern.compile("([a-z0-9-]+)(?:\\((.*)\\))?");

    /** What a benchmark chooses itself, or has no use for. */
    private static final List<Option<?>> CHOSEN = List.of(
            RunPlan.PROMPT, RunPlan.METHOD, RunPlan.SEED, RunPlan.TORCH_SEED, RunPlan.UNSTEERED, RunPlan.BASELINE);
    /** What is the same for all methods. */
    private static final List<Option<?>> OF_ALL = List.of(RunPlan.DEVICE, RunPlan.THREADS);
    /** How a sample of a model is made, beside its model. */
    private static final List<Option<?>> SAMPLER = List.of(RunPlan.STEPS, RunPlan.GUIDANCE, RunPlan.ETA);
    /** What makes a plain picture what it is. */
    private static final List<Option<?>> PICTURE = Stream.concat(
                    Stream.of(RunPlan.MODEL),
                    Stream.concat(
                            SAMPLER.stream(),
                            Stream.of(
                                    RunPlan.SCHEDULER, RunPlan.NEGATIVE, RunPlan.WIDTH, RunPlan.HEIGHT, RunPlan.DTYPE)))
            .toList();

    /** A method with the options in its parentheses. */
    private record Written(String text, Method method, Map<String, Object> own) {
        static Written of(String text) {
            var match = WRITTEN.matcher(text);
            if (!match.matches()) {
                throw new TillerException(
                        "'" + text + "' is no method; write fk or fk(lambda=10,potential=max), separated by commas.");
            }
            var own = new LinkedHashMap<String, Object>();
            if (match.group(2) != null && !match.group(2).isBlank()) {
                for (var pair : BenchSettings.separated(match.group(2))) {
                    var parts = pair.split("=", 2);
                    if (parts.length != 2) {
                        throw new TillerException("In '" + text + "' the option '" + pair + "' has no value.");
                    }
                    if (own.put(parts[0].strip(), parts[1].strip()) != null) {
                        throw new TillerException(
                                "In '" + text + "' the option '" + parts[0].strip() + "' is there twice.");
                    }
                }
            }
            refuse(own, CHOSEN, "is chosen by the benchmark and cannot stand in '" + text + "'.");
            refuse(
                    own,
                    OF_ALL,
                    "is the same for all methods and cannot stand in '" + text + "'; give it as an option of"
                            + " the benchmark.");
            return new Written(text, Methods.named(match.group(1)), own);
        }

        /**
         * All options. A method that brings a model brings the settings of its sampler; to others a sample costs what it
         * costs all, whatever they would have preferred.
         */
        Map<String, Object> options(Map<String, ?> common) {
            var options = new LinkedHashMap<String, Object>(common);
            if (method.presets().containsKey(RunPlan.MODEL.name())
                    && !common.containsKey(RunPlan.MODEL.name())
                    && !own.containsKey(RunPlan.MODEL.name())) {
                SAMPLER.stream()
                        .map(Option::name)
                        .filter(method.presets()::containsKey)
                        .forEach(options::remove);
            } else {
                options.putIfAbsent(RunPlan.STEPS.name(), RunPlan.of("").get(RunPlan.STEPS));
            }
            options.putAll(own);
            options.put(RunPlan.METHOD.name(), method.name());
            return options;
        }
    }

    /**
     * @param methods names, each perhaps with options: {@code fk(lambda=10,potential=max)}. Where one is on another model than
     *     the plain picture, the plain model and best-of-n, if they are among the methods, are added on that model too
     * @param budgets the levels
     * @param common options of all runs, by name; a method's own presets stand where they do not say otherwise
     * @throws TillerException if a method or an option does not exist, or spends more than a level
     */
    static Cells of(List<String> methods, List<Integer> budgets, Map<String, ?> common) {
        refuse(common, CHOSEN, "is chosen by the benchmark and cannot be an option of all its runs.");
        refuse(
                common,
                List.of(RunPlan.PARTICLES),
                "follows from the level of compute: give levels as --particles 2,4, or"
                        + " a method its own as fk(particles=8).");
        var written = methods.stream().map(Written::of).toList();
        var plain = written.stream().filter(w -> is(Cell.BASE, w)).findFirst().orElseGet(() -> Written.of(Cell.BASE));
        var one = plain.options(common);
        one.put(RunPlan.PARTICLES.name(), 1);
        var cells = new Cells(RunPlan.of(one), new ArrayList<>());
        for (var w : written) {
            cells.add(w, budgets, common);
        }
        cells.addBaselines(written, budgets, common);
        cells.requireDifferent();
        return cells;
    }

    private void add(Written written, List<Integer> budgets, Map<String, ?> common) {
        for (int k : is(Cell.BASE, written) ? List.of(1) : budgets) {
            cells.add(
                    new Cell(written.text(), k, new Budget(plain).spend(written.method(), k, written.options(common))));
        }
    }

    /** The plain model and best-of-n for models that have none. */
    private void addBaselines(List<Written> written, List<Integer> budgets, Map<String, ?> common) {
        var models = new LinkedHashSet<String>();
        for (var cell : List.copyOf(cells)) {
            if (models.add(cell.model())) {
                for (var name : List.of(Cell.BASE, Cell.BEST_OF_N)) {
                    if (written.stream().anyMatch(w -> is(name, w))
                            && cells.stream()
                                    .noneMatch(c -> c.plan().method().name().equals(name)
                                            && c.model().equals(cell.model()))) {
                        add(Written.of(name + "(" + unlikePlain(cell.plan()) + ")"), budgets, common);
                    }
                }
            }
        }
    }

    private String unlikePlain(RunPlan plan) {
        return PICTURE.stream()
                .filter(o -> !plan.find(o).equals(plain.find(o)))
                .map(o -> o.name() + "=" + String.valueOf(plan.get(o)).replaceFirst("\\.0$", ""))
                .collect(Collectors.joining(","));
    }

    private static boolean is(String name, Written written) {
        return written.method().name().equals(name);
    }

    private static void refuse(Map<String, ?> options, List<Option<?>> refused, String why) {
        for (var option : refused) {
            if (options.containsKey(option.name())) {
                throw new TillerException("The option '" + option.name() + "' " + why);
            }
        }
    }

    private void requireDifferent() {
        var names = new LinkedHashSet<String>();
        for (var cell : cells) {
            if (!names.add(cell.name())) {
                throw new TillerException("The benchmark has " + cell.name() + " twice.");
            }
        }
    }
}
