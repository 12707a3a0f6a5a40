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
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;

/** The options of plans as options of a command: those of every method, and those of some. */
final class PlanArguments {
    private static final String METHODS = "methods";

    private PlanArguments() {}

    /** Adds them; the prompt is an argument of the command's own. */
    static void addTo(CommandSpec command) {
        for (var option : RunPlan.COMMON) {
            if (!option.equals(RunPlan.PROMPT)) {
                command.addOption(argument(option, description(option, "")));
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
        tellMethods(command.usageMessage());
    }

    /** Before the examples, a line for each. */
    private static void tellMethods(UsageMessageSpec help) {
        var table = new LinkedHashMap<String, String>();
        Methods.all().forEach(m -> table.put(m.name(), m.summary()));
        help.sectionMap().put(METHODS, h -> String.format("%nMethods:%n") + h.createTextTable(table));
        var keys = new ArrayList<>(help.sectionKeys());
        keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_FOOTER_HEADING), METHODS);
        help.sectionKeys(keys);
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
                // Two options with choices must not share a label: a shell would complete both with the last one's.
                .completionCandidates(option.equals(RunPlan.METHOD) ? methods() : option.choices())
                .build();
    }

    private static String description(Option<?> option, String before) {
        return before
                + option.meaning()
                + (option.type() == Boolean.class ? "" : " Default: " + otherwise(option) + ".");
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

    private static List<String> methods() {
        return Methods.all().stream().map(Method::name).toList();
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
