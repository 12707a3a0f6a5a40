// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Collection;
import java.util.Comparator;

/** What a mistyped name was meant to be. */
public final class Nearest {
    private Nearest() {}

    /** " Did you mean …?" if a known name is near enough, else nothing. */
    public static String hint(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(name, k)))
                .filter(k -> distance(name, k) <= Math.max(2, k.length() / 2))
                .map(k -> " Did you mean " + k + "?")
                .orElse("");
    }

    /** Levenshtein's: insertions, deletions and replacements that make b of a. */
    static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
