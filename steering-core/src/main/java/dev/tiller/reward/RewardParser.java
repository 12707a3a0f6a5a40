// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.reward.RewardExpression.Sum;
import dev.tiller.reward.RewardExpression.Term;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recursive descent over the grammar of {@link RewardExpression}. */
final class RewardParser {
    private static final Pattern SPACE = Pattern.compile("\\s*");
    private static final Pattern NUMBER = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final int SHOWN = 60;

    private final String text;
    private int at;

    RewardParser(String text) {
        this.text = text;
    }

    RewardExpression expression() {
        var terms = new ArrayList<Term>();
        boolean negative = skip('-');
        do {
            terms.add(term(negative));
            negative = peek() == '-';
        } while (skip('+') || skip('-'));
        if (peek() != 0) {
            throw wrong("expected + or - or the end");
        }
        return terms.size() == 1 && terms.get(0).weight() == 1 ? terms.get(0).reward() : new Sum(terms);
    }

    private Term term(boolean negative) {
        int start = at;
        var number = token(NUMBER);
        double weight = number == null ? 1 : Double.parseDouble(number);
        if (number != null && !skip('*')) {
            throw wrong("expected * and the name of a reward after the weight");
        }
        if (Double.isInfinite(weight)) {
            at = start;
            throw wrong("the weight is too large");
        }
        return new Term(negative ? -weight : weight, named());
    }

    private Named named() {
        var name = token(RewardText.NAME);
        if (name == null) {
            throw wrong("expected the name of a reward");
        }
        return new Named(name, skip('(') ? options() : Map.of());
    }

    private Map<String, String> options() {
        var options = new LinkedHashMap<String, String>();
        if (skip(')')) {
            return options;
        }
        do {
            peek();
            int start = at;
            var key = token(RewardText.NAME);
            if (key == null) {
                throw wrong("expected an option, key=value");
            }
            if (!skip('=')) {
                throw wrong("expected = after the option " + key);
            }
            if (options.put(key, value(key)) != null) {
                at = start;
                throw wrong("the option " + key + " is given twice");
            }
        } while (skip(','));
        if (!skip(')')) {
            throw wrong("expected , or )");
        }
        return options;
    }

    private String value(String key) {
        if (peek() == '"') {
            return quoted();
        }
        var bare = token(RewardText.BARE);
        if (bare == null) {
            throw wrong("expected a value for " + key + " (in quotes if it holds spaces, commas or brackets)");
        }
        return bare;
    }

    private String quoted() {
        int start = at++;
        var value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at++));
        }
        if (at >= text.length()) {
            at = start;
            throw wrong("the quote is not closed");
        }
        at++;
        return value.toString();
    }

    /** The next character that is no white space, or 0 at the end. */
    private char peek() {
        token(SPACE);
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean skip(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    /** What the pattern matches here, after white space; null if nothing. */
    private @Nullable String token(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        if (pattern != SPACE) {
            peek();
        }
        if (!matcher.region(at, text.length()).lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher.group();
    }

    private TillerException wrong(String what) {
        peek();
        // Long texts are shown around the place only.
        int from = Math.max(0, at - SHOWN / 2);
        int to = Math.min(text.length(), from + SHOWN);
        var shown = text.substring(from, to).replaceAll("\\s", " ");
        return new TillerException("The reward is not understood at column " + (at + 1) + ": " + what + ".\n  " + shown
                + "\n  " + " ".repeat(at - from) + "^");
    }
}
