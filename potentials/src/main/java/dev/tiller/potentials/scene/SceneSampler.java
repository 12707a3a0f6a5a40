// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Relation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws scenes with captions, as the embedded models were trained on. */
public final class SceneSampler {
    private static final String[] NUMBERS = {"", "", "two", "three", "four"};

    private final RandomGenerator random;

    public SceneSampler(RandomGenerator random) {
        this.random = random;
    }

    /** A scene of one kind and its caption. */
    public CaptionedScene draw(SceneCategory category) {
        var shapes = two(Shape.values());
        var colours = two(Colour.values());
        var a = shapes.get(0);
        var b = shapes.get(1);
        var ca = colours.get(0);
        var cb = colours.get(1);
        return switch (category) {
            case SINGLE_OBJECT -> captioned(category, place(List.of(a), List.of(ca), null), phrase(null, a));
            case COLORS -> captioned(category, place(List.of(a), List.of(ca), null), phrase(ca, a));
            case TWO_OBJECT ->
                captioned(category, place(shapes, colours, null), phrase(null, a) + " and " + phrase(null, b));
            case COLOR_ATTR ->
                captioned(category, place(shapes, colours, null), phrase(ca, a) + " and " + phrase(cb, b));
            case POSITION -> {
                var relations = List.of(Relation.values());
                var relation = relations.get(random.nextInt(relations.size()));
                boolean coloured = random.nextDouble() < 0.2;
                yield captioned(
                        category,
                        place(shapes, colours, relation),
                        phrase(coloured ? ca : null, a) + " " + relation.words() + " "
                                + phrase(coloured ? cb : null, b));
            }
            case COUNTING -> {
                int n = 2 + random.nextInt(3);
                var colour = random.nextDouble() < 0.25 ? ca.word() + " " : "";
                yield captioned(
                        category,
                        place(Collections.nCopies(n, a), Collections.nCopies(n, ca), null),
                        NUMBERS[n] + " " + colour + a.plural());
            }
        };
    }

    /** Two different ones. */
    private <E> List<E> two(E[] values) {
        int first = random.nextInt(values.length);
        int second = (first + 1 + random.nextInt(values.length - 1)) % values.length;
        return List.of(values[first], values[second]);
    }

    private CaptionedScene captioned(SceneCategory category, Scene scene, String words) {
        var caption = random.nextDouble() < 0.15 ? words : "a photo of " + words;
        return new CaptionedScene(scene, category, caption, CaptionParser.parse(caption));
    }

    private static String phrase(@Nullable Colour colour, Shape shape) {
        var words = colour == null ? shape.word() : colour.word() + " " + shape.word();
        return ("aeiou".indexOf(words.charAt(0)) >= 0 ? "an " : "a ") + words;
    }

    /** By rejection: each object a pixel inside the picture, none near another, the relation of the first two clear. */
    private Scene place(List<Shape> shapes, List<Colour> colours, @Nullable Relation relation) {
        int n = shapes.size();
        double least = n == 1 ? 10 : n == 2 ? 8 : 6.5;
        double most = n == 1 ? 18 : n == 2 ? 13 : 9.5;
        var things = new ArrayList<Scene.Thing>();
        do {
            things.clear();
            for (int i = 0; i < n; i++) {
                double r = between(least, most);
                var e = shapes.get(i).extent();
                things.add(new Scene.Thing(
                        shapes.get(i),
                        colours.get(i),
                        between(1 - e.left() * r, SceneRenderer.SIZE - 1 - e.right() * r),
                        between(1 - e.top() * r, SceneRenderer.SIZE - 1 - e.bottom() * r),
                        r,
                        rgb(-0.03, 0.03)));
            }
        } while (!apart(things) || (relation != null && !clear(relation, things.get(0), things.get(1))));
        double angle = between(0, 2 * Math.PI);
        double amplitude = between(-0.125, 0.125);
        return new Scene(rgb(0.62, 0.80), amplitude * Math.cos(angle), amplitude * Math.sin(angle), things);
    }

    /** Whether a stands so to b as scenes of a relation are drawn: clearly, and along one axis. */
    private static boolean clear(Relation relation, Scene.Thing a, Scene.Thing b) {
        double x = a.x() - b.x();
        double y = a.y() - b.y();
        double along = switch (relation) {
            case LEFT_OF -> -x;
            case RIGHT_OF -> x;
            case ABOVE -> -y;
            case BELOW -> y;
        };
        double across = relation == Relation.LEFT_OF || relation == Relation.RIGHT_OF ? y : x;
        return along > 14 && Math.abs(across) < 0.7 * along;
    }

    private static boolean apart(List<Scene.Thing> things) {
        for (int i = 0; i < things.size(); i++) {
            for (int j = 0; j < i; j++) {
                var a = things.get(i);
                var b = things.get(j);
                if (Math.hypot(a.x() - b.x(), a.y() - b.y()) <= 1.12 * (a.radius() + b.radius())) {
                    return false;
                }
            }
        }
        return true;
    }

    private Scene.Rgb rgb(double least, double most) {
        return new Scene.Rgb(between(least, most), between(least, most), between(least, most));
    }

    private double between(double least, double most) {
        return least + (most - least) * random.nextDouble();
    }
}
