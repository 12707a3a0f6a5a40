// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Method;
import dev.tiller.method.Methods;
import dev.tiller.method.Option;
import dev.tiller.method.RunPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of plans as options of a command: those of every method, and those of some. */
final class PlanArguments {
    private PlanArguments() {}

    /** Adds them; the prompt is an argument of the command's own. */
    static void addTo(CommandSpec command) {
        for (var option : RunPlan.COMMON) {
            if (!option.equals(RunPlan.PROMPT)) {
                command.addOption(
                        argument(option, description(option, option.equals(RunPlan.METHOD) ? methods() : "")));
            }
        }
        var special = new LinkedHashMap<String, Option<?>>();
        Methods.all().forEach(m -> m.options().forEach(o -> special.putIfAbsent(o.name(), o)));
        var group = ArgGroupSpec.builder()
                .heading("%nOptions of methods:%n")
                .exclusive(false)
                .validate(false);
        special.values()
                .forEach(option -> group.addArg(argument(option, description(option, "For " + users(option) + ". "))));
        command.addArgGroup(group.build());
    }

    /** Adds the options of every method, without some. */
    static void addCommonTo(CommandSpec command, Set<Option<?>> without) {
        RunPlan.COMMON.stream()
                .filter(option -> !without.contains(option))
                .forEach(option -> command.addOption(argument(option, description(option, ""))));
    }

    private static OptionSpec argument(Option<?> option, String description) {
        var argument = OptionSpec.builder("--" + option.name()).description(description.replace("%", "%%"));
        if (option.type() == Boolean.class) {
            return argument.type(boolean.class).arity("0").build();
        }
        return argument.type(option.type())
                .arity("1")
                .paramLabel(option.label())
                .completionCandidates(option.choices())
                .build();
    }

    private static String description(Option<?> option, String before) {
        return option.type() == Boolean.class
                ? option.meaning()
                : before + option.meaning() + " Default: " + otherwise(option) + ".";
    }

    /** The default, and where methods have another. */
    private static String otherwise(Option<?> option) {
        var methods = new LinkedHashMap<String, List<String>>();
        for (var method : Methods.all()) {
            var own = Stream.concat(RunPlan.COMMON.stream(), method.options().stream())
                    .filter(o -> o.name().equals(option.name()))
                    .findFirst();
            own.ifPresent(o -> methods.computeIfAbsent(
                            method.presets()
                                    .getOrDefault(o.name(), o.otherwiseWords())
                                    .toString(),
                            w -> new ArrayList<>())
                    .add(method.name()));
        }
        var usual = methods.keySet().iterator().next();
        methods.remove(usual);
        return usual
                + methods.entrySet().stream()
                        .map(e -> "; " + e.getKey() + " with " + String.join(", ", e.getValue()))
                        .collect(Collectors.joining());
    }

    private static String methods() {
        return Methods.all().stream().map(Method::name).collect(Collectors.joining(", ")) + ". ";
    }

    private static String users(Option<?> option) {
        return Methods.all().stream()
                .filter(m -> m.options().stream().anyMatch(o -> o.name().equals(option.name())))
                .map(Method::name)
                .collect(Collectors.joining(", "));
    }

    /** The options of a plan that were given, by name. */
    static Map<String, Object> given(ParseResult parsed) {
        Map<String, Object> given = new LinkedHashMap<>();
        for (var argument : parsed.matchedOptionsSet()) {
            var name = argument.longestName().substring(2);
            if (argument.userObject() == null && parsed.matchedOptionValue(name, null) != null) {
                given.put(name, argument.getValue());
            }
        }
        return given;
    }
}
