// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a person decided in the middle of a run, between two steps. Each has a text of one line, in which particles are
 * counted from 1, as people see them:
 *
 * <pre>
 * kill 3,5      clone 2      favour 1,4 2.5      reweigh 0.7 clip; 0.3 verifier      branch 3
 * </pre>
 *
 * A run with decisions has seen its particles before they were made, so its estimate of the normalising constant is no
 * longer unbiased.
 */
public sealed interface Decision {
    /** @param slots of particles that end here; others may take their place at the next resampling */
    record Kill(List<Integer> slots) implements Decision {
        public Kill {
            slots = List.copyOf(slots);
        }

        @Override
        public String text() {
            return "kill " + counted(slots);
        }
    }

    /** @param slot of a particle of which there is one more from here on, with the same weight */
    record Clone(int slot) implements Decision {
        @Override
        public String text() {
            return "clone " + (slot + 1);
        }
    }

    /**
     * @param slots whose weights are multiplied
     * @param factor by how much; above 0
     */
    record Favour(List<Integer> slots, double factor) implements Decision {
        public Favour {
            slots = List.copyOf(slots);
        }

        @Override
        public String text() {
            return "favour " + counted(slots) + " " + factor;
        }
    }

    /** @param weights of parts of the reward, by name, from the next scoring on; the others stay as they are */
    record Reweigh(Map<String, Double> weights) implements Decision {
        @Override
        public String text() {
            return weights.entrySet().stream()
                    .map(e -> e.getValue() + " " + e.getKey())
                    .collect(Collectors.joining("; ", "reweigh ", ""));
        }
    }

    /**
     * The run goes on under another plan: the beginning of a branch.
     *
     * @param slot of the particle that all others now are copies of; -1 for the population as it is
     * @param anew whether what was spent under the plan before is taken back, because rewards mean something else now
     */
    record Branch(int slot, boolean anew) implements Decision {
        @Override
        public String text() {
            return "branch" + (slot < 0 ? "" : " " + (slot + 1)) + (anew ? " anew" : "");
        }
    }

    /** This decision in a line; {@link #parse} reads it. */
    String text();

    /** Whether somebody steers particles by it: a branch alone decides nothing about them. */
    default boolean byHand() {
        return !(this instanceof Branch);
    }

    /**
     * A decision and when it was made.
     *
     * @param step how many steps had been made
     */
    record At(int step, Decision decision) {
        /** Such as {@code 15 kill 3,5}: after 15 steps. */
        public String text() {
            return step + " " + decision.text();
        }

        /** @throws TillerException if it is not of that form */
        public static At parse(String text) {
            var words = text.strip().split("\\s+", 2);
            if (words.length < 2 || !words[0].matches("\\d{1,7}")) {
                throw new TillerException("'" + text + "' is no decision: it begins with the number of steps after"
                        + " which it was made, as in '15 kill 3'.");
            }
            return new At(Integer.parseInt(words[0]), Decision.parse(words[1]));
        }
    }

    /** @throws TillerException if there is no such decision */
    static Decision parse(String text) {
        var words = text.strip().split("\\s+", 2);
        var rest = words.length > 1 ? words[1].strip() : "";
        try {
            return switch (words[0]) {
                case "kill" -> new Kill(slots(rest));
                case "clone" -> new Clone(slot(rest));
                case "favour" -> {
                    var parts = rest.split("\\s+", 2);
                    yield new Favour(slots(parts[0]), Double.parseDouble(parts[1]));
                }
                case "reweigh" -> new Reweigh(weights(rest));
                case "branch" ->
                    new Branch(rest.matches("\\d.*") ? slot(rest.split("\\s+", 2)[0]) : -1, rest.endsWith("anew"));
                default -> throw new IllegalArgumentException(words[0]);
            };
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new TillerException(
                    "'" + text + "' is no decision; there are: kill 3,5 - clone 2 - favour 1,4 2.5 - reweigh 0.7 clip;"
                            + " 0.3 verifier (particles are counted from 1).",
                    e);
        }
    }

    private static String counted(List<Integer> slots) {
        return slots.stream().map(slot -> Integer.toString(slot + 1)).collect(Collectors.joining(","));
    }

    private static int slot(String text) {
        int number = Integer.parseInt(text);
        if (number < 1) {
            throw new IllegalArgumentException(text);
        }
        return number - 1;
    }

    private static List<Integer> slots(String text) {
        return Arrays.stream(text.split(",", -1)).map(Decision::slot).toList();
    }

    private static Map<String, Double> weights(String text) {
        var weights = new LinkedHashMap<String, Double>();
        for (var part : text.split(";", -1)) {
            var words = part.strip().split("\\s+", 2);
            weights.put(words[1], Double.valueOf(words[0]));
        }
        return weights;
    }
}
