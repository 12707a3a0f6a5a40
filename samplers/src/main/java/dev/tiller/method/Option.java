// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Something about a run that can be chosen, described once for the command line, the manifest and the window.
 *
 * @param name as on the command line without its dashes, such as {@code resample-from}
 * @param type {@code Integer}, {@code Long}, {@code Double}, {@code Boolean} or {@code String}
 * @param label stands for a value in the help, such as {@code STEPS}
 * @param meaning in plain words, without the default
 * @param otherwise the value when none is given, which may depend on the rest of the plan; empty where there may be none
 * @param otherwiseWords that, in words
 * @param choices all values there are; empty where they cannot be listed
 */
public record Option<T>(
        String name,
        Class<T> type,
        String label,
        String meaning,
        Optional<Function<RunPlan, T>> otherwise,
        String otherwiseWords,
        List<String> choices) {

    /** @param otherwise the value when none is given */
    public static Option<Integer> integer(String name, String label, String meaning, int otherwise) {
        return integer(name, label, meaning, plan -> otherwise, Integer.toString(otherwise));
    }

    /** @param otherwise the value when none is given, by the rest of the plan */
    public static Option<Integer> integer(
            String name, String label, String meaning, Function<RunPlan, Integer> otherwise, String otherwiseWords) {
        return new Option<>(name, Integer.class, label, meaning, Optional.of(otherwise), otherwiseWords, List.of());
    }

    /** @param otherwise the value when none is given */
    public static Option<Double> number(String name, String meaning, double otherwise) {
        var words = otherwise == Math.rint(otherwise) && Math.abs(otherwise) < 1e9
                ? Long.toString((long) otherwise)
                : Double.toString(otherwise);
        return new Option<>(name, Double.class, "X", meaning, Optional.of(plan -> otherwise), words, List.of());
    }

    /** @param otherwise the value when none is given, by the rest of the plan */
    public static Option<Double> number(
            String name, String meaning, Function<RunPlan, Double> otherwise, String otherwiseWords) {
        return new Option<>(name, Double.class, "X", meaning, Optional.of(otherwise), otherwiseWords, List.of());
    }

    /** @param otherwise the value when none is given */
    public static Option<String> text(String name, String label, String meaning, String otherwise) {
        return text(name, label, meaning, otherwise, otherwise.isEmpty() ? "none" : otherwise);
    }

    /** @param otherwise the value when none is given */
    public static Option<String> text(
            String name, String label, String meaning, String otherwise, String otherwiseWords) {
        return new Option<>(
                name, String.class, label, meaning, Optional.of(plan -> otherwise), otherwiseWords, List.of());
    }

    /** One of a few words; {@code otherwise} when none is given. */
    public static Option<String> choice(String name, String meaning, String otherwise, List<String> choices) {
        return new Option<>(
                name,
                String.class,
                name.toUpperCase(Locale.ROOT),
                meaning,
                Optional.of(plan -> otherwise),
                otherwise,
                List.copyOf(choices));
    }

    /** Off when not given. */
    public static Option<Boolean> flag(String name, String meaning) {
        return new Option<>(name, Boolean.class, "", meaning, Optional.of(plan -> false), "no", List.of());
    }

    /**
     * A value of this option, from text or from JSON.
     *
     * @throws TillerException if it is not of the option's type
     */
    public T read(Object value) {
        var text = String.valueOf(value).strip();
        try {
            Object read = type == String.class
                    ? String.valueOf(value)
                    : type == Integer.class
                            ? Integer.valueOf(text)
                            : type == Long.class
                                    ? Long.valueOf(text)
                                    : type == Double.class ? Double.valueOf(text) : truth(text);
            return type.cast(read);
        } catch (IllegalArgumentException e) {
            throw new TillerException("'" + name + "' should be " + typeInWords() + ", not '" + value + "'.", e);
        }
    }

    private static Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private String typeInWords() {
        return type == Boolean.class ? "true or false" : type == Double.class ? "a number" : "a whole number";
    }
}
