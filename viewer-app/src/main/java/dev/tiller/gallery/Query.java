// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which runs to show.
 *
 * @param roots folders that are runs, or hold some
 * @param words all of them must occur in a run's prompts, method, model, reward, note or folder, whatever their case
 * @param starred only those that are marked
 */
public record Query(List<Path> roots, List<String> words, boolean starred) {
    public Query {
        roots = roots.stream().map(r -> r.toAbsolutePath().normalize()).toList();
        words = words.stream().map(Query::folded).toList();
    }

    /** Everything in these folders. */
    public static Query all(List<Path> roots) {
        return new Query(roots, List.of(), false);
    }

    /** @param text words between blanks, as typed */
    public static Query of(List<Path> roots, String text, boolean starred) {
        return new Query(
                roots,
                Stream.of(text.strip().split("\\s+")).filter(w -> !w.isEmpty()).toList(),
                starred);
    }

    /** What compares equal to text of another case. */
    static String folded(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
