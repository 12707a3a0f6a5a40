// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Relation;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads captions of the scene world, and says by which rules of GenEval their pictures are judged:
 *
 * <pre>
 * caption  = [["a"] "photo" "of"] thing (relation thing | ("and" thing)*)
 * thing    = ["a" | "an" | number] [colour] shape
 * relation = ["to" "the"] ("left" | "right") "of" | "above" | "below"
 * </pre>
 */
public final class CaptionParser {
    private static final List<String> NUMBERS = List.of("zero", "one", "two", "three", "four");
    private static final Map<String, Shape> SHAPES = new HashMap<>();
    private static final Map<String, Colour> COLOURS = new HashMap<>();

    static {
        for (var shape : Shape.values()) {
            SHAPES.put(shape.word(), shape);
            SHAPES.put(shape.plural(), shape);
        }
        for (var colour : Colour.values()) {
            COLOURS.put(colour.word(), colour);
        }
    }

    private record Thing(
            Shape shape, @Nullable Integer number, @Nullable Colour colour) {
        int count() {
            return number == null ? 1 : number;
        }
    }

    private final String prompt;
    private final List<String> words;
    private int next;

    private CaptionParser(String prompt) {
        this.prompt = prompt;
        this.words = List.of(prompt.toLowerCase(Locale.ROOT).strip().split("[\\s.,]+", -1)).stream()
                .filter(w -> !w.isEmpty())
                .toList();
    }

    /**
     * The rules that a prompt stands for: an optional "a photo of", then things such as "a red circle" or "three stars"
     * joined by "and", or two of them joined by a relation such as "left of".
     *
     * @throws TillerException if a word is not of the scene world
     */
    public static Rules parse(String prompt) {
        return new CaptionParser(prompt).rules();
    }

    private Rules rules() {
        skip("a", "photo", "of");
        skip("photo", "of");
        var things = new ArrayList<Thing>();
        things.add(thing());
        var relation = relation();
        if (relation != null) {
            things.add(0, thing());
        }
        while (relation == null && skip("and")) {
            things.add(thing());
        }
        if (next < words.size()) {
            throw refused("'" + shown(peek()) + "' is not expected there");
        }
        return rules(things, relation);
    }

    private Rules rules(List<Thing> things, @Nullable Relation relation) {
        var seen = EnumSet.noneOf(Shape.class);
        var include = new ArrayList<Rules.Clause>();
        var exclude = new ArrayList<Rules.Clause>();
        for (var thing : things) {
            if (!seen.add(thing.shape())) {
                throw refused(thing.shape().word() + " is named twice, and the rules could not tell which is meant");
            }
            var position = relation != null && include.size() == 1 ? new Rules.Position(relation, 0) : null;
            include.add(new Rules.Clause(
                    thing.shape().word(),
                    thing.count(),
                    thing.colour() == null ? null : thing.colour().word(),
                    position));
            if (thing.number() != null) {
                exclude.add(new Rules.Clause(thing.shape().word(), thing.count() + 1, null, null));
            }
        }
        return new Rules(include, exclude);
    }

    private Thing thing() {
        Integer number = null;
        if (!skip("a") && !skip("an") && NUMBERS.indexOf(peek()) > 0) {
            number = NUMBERS.indexOf(words.get(next++));
        }
        var colour = COLOURS.get(peek());
        if (colour != null) {
            next++;
        }
        var shape = SHAPES.get(peek());
        if (shape == null) {
            throw refused(next < words.size() ? "'" + shown(peek()) + "' is no shape it knows" : "a shape is missing");
        }
        next++;
        return new Thing(shape, number, colour);
    }

    private @Nullable Relation relation() {
        skip("to", "the");
        for (var relation : Relation.values()) {
            if (skip(relation.words().split(" ", -1))) {
                return relation;
            }
        }
        return null;
    }

    private String peek() {
        return next < words.size() ? words.get(next) : "";
    }

    private boolean skip(String... expected) {
        int end = next + expected.length;
        if (end > words.size() || !words.subList(next, end).equals(List.of(expected))) {
            return false;
        }
        next = end;
        return true;
    }

    private TillerException refused(String why) {
        return new TillerException("The scene verifier cannot judge \"" + shown(prompt) + "\": " + why
                + ". It understands prompts such as \"a photo of a red circle and a blue square\", \"three stars\" and \"a"
                + " heart left of a moon\".");
    }

    private static String shown(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
