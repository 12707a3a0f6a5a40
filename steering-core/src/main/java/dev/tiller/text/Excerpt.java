// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

/** The beginning of a text, for messages that name it: a prompt may be a book. */
public final class Excerpt {
    private static final int LENGTH = 40;

    private Excerpt() {}

    /** A text of at most forty characters as it is, of a longer one so many and an ellipsis. */
    public static String of(String text) {
        return text.codePointCount(0, text.length()) <= LENGTH
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LENGTH)) + "…";
    }
}
