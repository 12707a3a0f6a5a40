// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prompt asks for: there must be so many of a class, of this colour, in this relation to what an earlier clause
 * found; and not more.
 *
 * @param include clauses that must hold, in order; at least one
 * @param exclude classes of which there must be fewer than the count
 */
public record Rules(List<Clause> include, List<Clause> exclude) {
    /**
     * @param type a class of objects, such as {@code dog}
     * @param count how many at least (include), or too many (exclude); at least 1
     * @param colour of each of them, or any
     * @param position of each of them, or anywhere
     */
    public record Clause(
            String type,
            int count,
            @Nullable String colour,
            @Nullable Position position) {}

    /** Stands so to everything that include clause {@code clause}, an earlier one, found. */
    public record Position(Relation relation, int clause) {}

    public Rules {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /**
     * Judges what was found.
     *
     * @param found the surest first: the first ones of a class stand for a clause, whatever their colour and place
     */
    public Verdict judge(List<Detection> found) {
        var failures = new ArrayList<String>();
        var matches = new ArrayList<List<Detection>>();
        for (var clause : include) {
            var match = found.stream()
                    .filter(d -> d.type().equals(clause.type()))
                    .limit(clause.count())
                    .toList();
            var failure = failure(clause, match, matches);
            if (failure != null) {
                failures.add(failure);
            }
            matches.add(failure == null ? match : List.of());
        }
        for (var clause : exclude) {
            long n = found.stream().filter(d -> d.type().equals(clause.type())).count();
            if (n >= clause.count()) {
                failures.add("fewer than " + clause.count() + " × " + clause.type() + " asked for, " + n + " found");
            }
        }
        return new Verdict(include.size() + exclude.size(), failures);
    }

    private @Nullable String failure(Clause clause, List<Detection> match, List<List<Detection>> earlier) {
        if (match.size() < clause.count()) {
            return clause.count() + " × " + clause.type() + " asked for, " + match.size() + " found";
        }
        if (clause.colour() != null) {
            for (var detection : match) {
                if (!clause.colour().equals(detection.colour())) {
                    return "the " + clause.type() + " is "
                            + (detection.colour() == null ? "of no known colour" : detection.colour()) + ", not "
                            + clause.colour();
                }
            }
        }
        var position = clause.position();
        if (position == null) {
            return null;
        }
        var targets = earlier.get(position.clause());
        boolean holds = !targets.isEmpty()
                && match.stream()
                        .allMatch(d -> targets.stream()
                                .allMatch(t -> position.relation().holds(d.box(), t.box())));
        return holds
                ? null
                : "the " + clause.type() + " is not " + position.relation().words() + " the "
                        + include.get(position.clause()).type();
    }
}
