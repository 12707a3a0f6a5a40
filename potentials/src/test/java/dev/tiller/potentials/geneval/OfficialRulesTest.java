// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.geneval.Rules.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** On random layouts our rules and the protocol, restated slowly and step by step, agree in every case. */
class OfficialRulesTest {
    private static final int LAYOUTS = 100_000;
    private static final List<String> CLASSES = List.of("dog", "cat", "bus");
    private static final List<String> COLOURS = List.of("red", "blue", "black");

    @Test
    void agreesWithTheProtocolOnRandomLayouts() {
        int correct = 0;
        int confused = 0;
        for (int i = 0; i < LAYOUTS; i++) {
            var random = new SplittableRandom(i);
            var tag = random.nextBoolean() ? "counting" : "position";
            var rules = rules(random);
            var detections = detections(random, tag);
            boolean expected = Protocol.correct(rules, detections, tag, true);
            var verdict = rules.judge(Confidence.kept(detections, tag));
            assertEquals(expected, verdict.correct(), () -> rules + " on " + detections + ": " + verdict);
            assertEquals(expected, verdict.fulfilled() == 1);
            correct += expected ? 1 : 0;
            confused += Protocol.correct(rules, detections, tag, false) != expected ? 1 : 0;
        }
        // Layouts of which all or none are right would show nothing, nor would layouts that a wrong formula passes.
        assertTrue(correct > LAYOUTS / 10 && correct < LAYOUTS / 2, correct + " correct");
        assertTrue(confused > 50, confused + " told apart from a formula that divides by the shrunk offset");
    }

    @Test
    void onADiagonalTwoRelationsHold() {
        var a = new Box(0, 0, 10, 10);
        var b = new Box(90, 90, 100, 100);
        assertTrue(Relation.LEFT_OF.holds(a, b) && Relation.ABOVE.holds(a, b));
        assertFalse(Relation.RIGHT_OF.holds(a, b) || Relation.BELOW.holds(a, b));
    }

    @Test
    void confidenceAtTheThresholdIsNotEnough() {
        var box = new Box(0, 0, 1, 1);
        var detections = List.of(new Detection("dog", 0.3, box, null), new Detection("dog", 0.9, box, null));
        assertEquals(1, Confidence.kept(detections, "colors").size());
        assertEquals(0, Confidence.kept(detections, "counting").size());
    }

    private static Rules rules(SplittableRandom random) {
        var include = new ArrayList<Clause>();
        int n = 1 + random.nextInt(3);
        for (int i = 0; i < n; i++) {
            var position = i > 0 && random.nextInt(3) > 0
                    ? new Position(pick(List.of(Relation.values()), random), random.nextInt(i))
                    : null;
            var colour = random.nextInt(4) == 0 ? pick(COLOURS, random) : null;
            include.add(new Clause(pick(CLASSES, random), 1 + (random.nextInt(8) < 6 ? 0 : 1), colour, position));
        }
        var exclude = random.nextInt(4) == 0
                ? List.of(new Clause(pick(CLASSES, random), 1 + random.nextInt(18), null, null))
                : List.<Clause>of();
        return new Rules(include, exclude);
    }

    private static List<Detection> detections(SplittableRandom random, String tag) {
        var detections = new ArrayList<Detection>();
        double threshold = tag.equals("counting") ? 0.9 : 0.3;
        int n = random.nextInt(10) == 0 ? 30 + random.nextInt(40) : random.nextInt(9);
        Set<Double> scores = new HashSet<>();
        while (detections.size() < n) {
            // Above, below and exactly at the threshold; the protocol does not say which of equal scores is first.
            double score = random.nextInt(6) == 0 ? threshold : 0.2 + 0.8 * Math.sqrt(random.nextDouble());
            if (score == threshold || scores.add(score)) {
                detections.add(new Detection(
                        pick(CLASSES, random),
                        score,
                        box(random),
                        random.nextInt(9) == 0 ? null : pick(COLOURS, random)));
            }
        }
        return detections;
    }

    /** On a coarse grid, so that centres coincide, relations are close to their thresholds and offsets vanish. */
    private static Box box(SplittableRandom random) {
        double unit = random.nextInt(4) == 0 ? 1e-4 : 1;
        double x = random.nextInt(12) * unit;
        double y = random.nextInt(12) * unit;
        return new Box(x, y, x + random.nextInt(8) * unit, y + random.nextInt(8) * unit);
    }

    private static <E> E pick(List<E> from, SplittableRandom random) {
        return from.get(random.nextInt(from.size()));
    }

    /** The protocol as it is described, without streams, records or shortcuts. */
    private static final class Protocol {
        static boolean correct(Rules rules, List<Detection> all, String tag, boolean unshrunkNorm) {
            boolean correct = true;
            var groups = new ArrayList<@Nullable List<Detection>>();
            for (var clause : rules.include()) {
                var kept = kept(all, clause.type(), tag.equals("counting") ? 0.9 : 0.3);
                boolean matched = kept.size() >= clause.count();
                var taken = matched ? kept.subList(0, clause.count()) : kept;
                if (matched && clause.colour() != null) {
                    int coloured = 0;
                    for (var d : taken) {
                        if (clause.colour().equals(d.colour())) {
                            coloured++;
                        }
                    }
                    matched = coloured >= clause.count();
                }
                if (matched && clause.position() != null) {
                    var target = groups.get(clause.position().clause());
                    if (target == null) {
                        matched = false;
                    } else {
                        for (var d : taken) {
                            for (var t : target) {
                                if (!relations(d.box(), t.box(), unshrunkNorm)
                                        .contains(clause.position().relation().words())) {
                                    matched = false;
                                }
                            }
                        }
                    }
                }
                groups.add(matched ? taken : null);
                correct &= matched;
            }
            for (var clause : rules.exclude()) {
                if (kept(all, clause.type(), tag.equals("counting") ? 0.9 : 0.3).size() >= clause.count()) {
                    correct = false;
                }
            }
            return correct;
        }

        /** By repeatedly taking the surest that is left. */
        private static List<Detection> kept(List<Detection> all, String type, double threshold) {
            var left = new ArrayList<>(all);
            var kept = new ArrayList<Detection>();
            while (kept.size() < 16) {
                Detection best = null;
                for (var d : left) {
                    if (d.type().equals(type) && (best == null || d.score() > best.score())) {
                        best = d;
                    }
                }
                if (best == null || !(best.score() > threshold)) {
                    break;
                }
                kept.add(best);
                left.remove(best);
            }
            return kept;
        }

        private static Set<String> relations(Box a, Box b, boolean unshrunkNorm) {
            double[] centreA = {(a.left() + a.right()) / 2, (a.top() + a.bottom()) / 2};
            double[] centreB = {(b.left() + b.right()) / 2, (b.top() + b.bottom()) / 2};
            double[] sizeA = {Math.abs(a.right() - a.left()), Math.abs(a.bottom() - a.top())};
            double[] sizeB = {Math.abs(b.right() - b.left()), Math.abs(b.bottom() - b.top())};
            double[] offset = new double[2];
            double[] revised = new double[2];
            for (int k = 0; k < 2; k++) {
                offset[k] = centreA[k] - centreB[k];
                double size = Math.abs(offset[k]) - 0.1 * (sizeA[k] + sizeB[k]);
                revised[k] = size <= 0 ? 0 : offset[k] > 0 ? size : -size;
            }
            Set<String> relations = new HashSet<>();
            if (Math.abs(revised[0]) < 1e-3 && Math.abs(revised[1]) < 1e-3) {
                return relations;
            }
            var by = unshrunkNorm ? offset : revised;
            double norm = Math.sqrt(by[0] * by[0] + by[1] * by[1]);
            if (revised[0] / norm < -0.5) {
                relations.add("left of");
            }
            if (revised[0] / norm > 0.5) {
                relations.add("right of");
            }
            if (revised[1] / norm < -0.5) {
                relations.add("above");
            }
            if (revised[1] / norm > 0.5) {
                relations.add("below");
            }
            return relations;
        }
    }
}
