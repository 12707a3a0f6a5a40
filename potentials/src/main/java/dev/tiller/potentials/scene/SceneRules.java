// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prompt asks for, in GenEval's form, and the judgement by it: there must be so many of a shape, of this colour,
 * in this relation to what another clause found; and not more.
 *
 * @param include clauses that must hold, in order; a position speaks of an earlier clause
 * @param exclude shapes of which there must be fewer than the count
 */
public record SceneRules(List<Clause> include, List<Clause> exclude) {
    /**
     * @param count how many at least (include), or too many (exclude)
     * @param colour of each of them, or any
     * @param position of each of them, or anywhere
     */
    public record Clause(
            Shape shape,
            int count,
            @Nullable Colour colour,
            @Nullable Position position) {}

    /** Stands so to everything that include clause {@code clause} found. */
    public record Position(Relation relation, int clause) {}

    public SceneRules {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /**
     * The rules that a prompt stands for: an optional "a photo of", then things such as "a red circle" or "three stars"
     * joined by "and", or two of them joined by a relation such as "left of".
     *
     * @throws dev.tiller.run.TillerException if a word is not of the scene world
     */
    public static SceneRules parse(String prompt) {
        return new CaptionParser(prompt).rules();
    }

    /** Judges what was found. */
    public SceneVerdict judge(List<FoundObject> found) {
        var objects = found.stream()
                .sorted(Comparator.comparingDouble(FoundObject::score).reversed())
                .toList();
        var failures = new ArrayList<String>();
        var matches = new ArrayList<List<FoundObject>>();
        for (var clause : include) {
            // As GenEval: the most certain ones stand for the clause, whatever their colour.
            var match = objects.stream()
                    .filter(o -> o.shape() == clause.shape())
                    .limit(clause.count())
                    .toList();
            var failure = failure(clause, match, matches);
            if (failure != null) {
                failures.add(failure);
            }
            matches.add(failure == null ? match : List.of());
        }
        for (var clause : exclude) {
            long n = objects.stream().filter(o -> o.shape() == clause.shape()).count();
            if (n >= clause.count()) {
                failures.add("at most " + number(clause.count() - 1, clause.shape()) + " asked for, " + n + " found");
            }
        }
        double rules = include.size() + exclude.size();
        return new SceneVerdict(
                failures.isEmpty(),
                1 - failures.size() / rules,
                objects,
                failures.isEmpty() ? "all rules hold" : failures.get(0));
    }

    private @Nullable String failure(Clause clause, List<FoundObject> match, List<List<FoundObject>> earlier) {
        if (match.size() < clause.count()) {
            return number(clause.count(), clause.shape()) + " asked for, " + match.size() + " found";
        }
        for (var object : match) {
            if (clause.colour() != null && object.colour() != clause.colour()) {
                return "the " + clause.shape().word() + " is " + object.colour().word() + ", not "
                        + clause.colour().word();
            }
            if (clause.position() != null) {
                var target = include.get(clause.position().clause()).shape().word();
                var targets = earlier.get(clause.position().clause());
                if (targets.isEmpty()
                        || !targets.stream()
                                .allMatch(t -> clause.position().relation().holds(object.box(), t.box()))) {
                    return "the " + clause.shape().word() + " is not "
                            + clause.position().relation().words() + " the " + target;
                }
            }
        }
        return null;
    }

    private static String number(int count, Shape shape) {
        return count + " " + (count == 1 ? shape.word() : shape.plural());
    }
}
