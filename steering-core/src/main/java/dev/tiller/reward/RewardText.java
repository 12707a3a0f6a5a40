// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The canonical text of expressions. */
final class RewardText {
    /** A value that needs no quotes: see the grammar of {@link RewardExpression}. */
    static final Pattern BARE = Pattern.compile("[^\\s,()\"]+");

    /** Names of rewards and options. */
    static final Pattern NAME = Pattern.compile("\\p{Alpha}\\w*");

    private RewardText() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static Map<String, String> ordered(Map<String, String> options) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    static String print(RewardExpression.Named named) {
        return named.options().isEmpty()
                ? named.name()
                : named.name()
                        + named.options().entrySet().stream()
                                .map(o -> o.getKey() + "=" + value(o.getValue()))
                                .collect(Collectors.joining(", ", "(", ")"));
    }

    static String print(RewardExpression.Sum sum) {
        var text = new StringBuilder();
        for (var term : sum.terms()) {
            boolean negative = Double.doubleToRawLongBits(term.weight()) < 0;
            if (text.isEmpty()) {
                text.append(negative ? "-" : "");
            } else {
                text.append(negative ? " - " : " + ");
            }
            double weight = Math.abs(term.weight());
            text.append(weight == 1 ? "" : number(weight) + "*").append(term.reward());
        }
        return text.toString();
    }

    /** The shortest text that is read back as this number: without a fraction where it is whole. */
    private static String number(double x) {
        return x == Math.rint(x) && x < 1e7 ? Long.toString((long) x) : Double.toString(x);
    }

    private static String value(String value) {
        return BARE.matcher(value).matches()
                ? value
                : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
