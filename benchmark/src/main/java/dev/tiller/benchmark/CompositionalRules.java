// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.potentials.geneval.ObjectNames;
import dev.tiller.potentials.geneval.Relation;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.geneval.Rules.Position;
import dev.tiller.potentials.scene.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * GenEval's rules for prompts of T2I-CompBench's kind (Huang et al. 2023), in the categories that a detector can judge:
 * attributes (colours), spatial relations and numeracy.
 *
 * <pre>
 * prompt   = [["a"] "photo" "of"] thing (relation thing | ("and" thing)*)
 * thing    = ["a" | "an" | "the" | number] [colour] class
 * relation = "on the left of" | "left of" | … | "on top of" | "above" | "on the bottom of" | "below" …
 * </pre>
 *
 * where a class is a shape of the scene world or a name of COCO or GenEval, in the singular or the plural; the rules have
 * GenEval's name. Relations that GenEval has no
 * rule for ("next to", "near") and attributes that are no colours are not understood.
 */
final class CompositionalRules {
    private static final Set<String> CATEGORIES =
            Set.of("attribute", "attributes", "color", "colors", "spatial", "numeracy");
    private static final List<String> NUMBERS =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");
    private static final Set<String> COLOURS =
            Set.of("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white");
    private static final Map<String, Relation> RELATIONS = Map.ofEntries(
            Map.entry("on the left of", Relation.LEFT_OF),
            Map.entry("to the left of", Relation.LEFT_OF),
            Map.entry("left of", Relation.LEFT_OF),
            Map.entry("on the right of", Relation.RIGHT_OF),
            Map.entry("to the right of", Relation.RIGHT_OF),
            Map.entry("right of", Relation.RIGHT_OF),
            Map.entry("on the top of", Relation.ABOVE),
            Map.entry("on top of", Relation.ABOVE),
            Map.entry("above", Relation.ABOVE),
            Map.entry("on the bottom of", Relation.BELOW),
            Map.entry("below", Relation.BELOW));
    /** As detectors trained on COCO name what they see. */
    private static final String COCO = "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,"
            + "fire hydrant,stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,"
            + "umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,"
            + "surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,"
            + "carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,"
            + "keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,"
            + "toothbrush";

    private static final Map<String, String> PLURALS = Map.of(
            "person",
            "people",
            "sheep",
            "sheep",
            "knife",
            "knives",
            "mouse",
            "mice",
            "skis",
            "skis",
            "scissors",
            "scissors");
    /** What a class is called, in the singular or the plural. */
    private static final Map<String, String> CLASSES = new LinkedHashMap<>();

    static {
        Arrays.stream(Shape.values()).forEach(shape -> {
            CLASSES.put(shape.word(), shape.word());
            CLASSES.put(shape.plural(), shape.word());
        });
        for (var name : COCO.split(",", -1)) {
            var type = ObjectNames.ofCoco(name);
            var plural = PLURALS.getOrDefault(name, name.matches(".*(s|x|ch|sh)") ? name + "es" : name + "s");
            CLASSES.put(name, type);
            CLASSES.put(plural, type);
            CLASSES.put(type, type);
            CLASSES.put(type.replace(name, plural), type);
        }
    }

    private final List<String> words;
    private int next;

    private CompositionalRules(String prompt) {
        this.words = Arrays.stream(prompt.toLowerCase(Locale.ROOT).strip().split("[\\s.,]+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Whether a category is one of those whose prompts may stand for rules. */
    static boolean knows(String category) {
        return CATEGORIES.contains(category.toLowerCase(Locale.ROOT));
    }

    /** The rules that a prompt stands for; empty if it is not understood to its end. */
    static Optional<Rules> of(String prompt) {
        return new CompositionalRules(prompt).rules();
    }

    private Optional<Rules> rules() {
        next += List.of("a", "photo", "of").equals(words.subList(0, Math.min(3, words.size()))) ? 3 : 0;
        var include = new ArrayList<Clause>();
        var exclude = new ArrayList<Clause>();
        boolean understood = thing(include, exclude);
        var relation = relation();
        if (relation.isPresent()) {
            understood &= thing(include, exclude);
        }
        while (relation.isEmpty() && understood && peek(1).equals("and")) {
            next++;
            understood = thing(include, exclude);
        }
        if (!understood
                || next < words.size()
                || include.stream().map(Clause::type).distinct().count() < include.size()) {
            return Optional.empty();
        }
        if (relation.isPresent()) {
            // What the relation is to comes first.
            var placed = include.remove(0);
            include.add(new Clause(placed.type(), placed.count(), placed.colour(), new Position(relation.get(), 0)));
        }
        return Optional.of(new Rules(include, exclude));
    }

    private boolean thing(List<Clause> include, List<Clause> exclude) {
        int number = NUMBERS.indexOf(peek(1));
        if (number > 0 || Set.of("a", "an", "the").contains(peek(1))) {
            next++;
        }
        // An orange may be a fruit or a colour.
        var colour = COLOURS.contains(peek(1)) && isClassAt(next + 1) ? words.get(next++) : null;
        for (int length = 2; length > 0; length--) {
            var type = CLASSES.get(peek(length));
            if (type != null) {
                next += length;
                include.add(new Clause(type, Math.max(1, number), colour, null));
                if (number > 0) {
                    exclude.add(new Clause(type, number + 1, null, null));
                }
                return true;
            }
        }
        return false;
    }

    private boolean isClassAt(int at) {
        return CLASSES.containsKey(words(at, 1)) || CLASSES.containsKey(words(at, 2));
    }

    private Optional<Relation> relation() {
        for (int length = 4; length > 0; length--) {
            var relation = RELATIONS.get(peek(length));
            if (relation != null) {
                next += length;
                return Optional.of(relation);
            }
        }
        return Optional.empty();
    }

    private String peek(int length) {
        return words(next, length);
    }

    /** So many words from one on; nothing where there are fewer. */
    private String words(int from, int length) {
        return from + length > words.size() ? "" : String.join(" ", words.subList(from, from + length));
    }
}
