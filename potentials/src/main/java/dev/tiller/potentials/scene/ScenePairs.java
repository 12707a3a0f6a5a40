// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.scene.Scene.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Pairs of pictures to measure rewards on: one shows what the caption says, the other is the same but for one thing that
 * the caption speaks of. The verifier agrees with both, so the better one is known.
 */
public final class ScenePairs {
    private static final SceneVerifier VERIFIER = new SceneVerifier();

    /** What is wrong with the worse picture. */
    public enum Kind {
        /** An object has another colour. */
        WRONG_COLOUR(SceneCategory.COLORS),
        /** An object has another shape. */
        WRONG_SHAPE(SceneCategory.SINGLE_OBJECT),
        /** One of two objects is missing. */
        MISSING(SceneCategory.TWO_OBJECT),
        /** One object too few. */
        MISCOUNTED(SceneCategory.COUNTING),
        /** Two objects have each other's colours. */
        SWAPPED_COLOURS(SceneCategory.COLOR_ATTR),
        /** Two objects have each other's place. */
        SWAPPED_PLACES(SceneCategory.POSITION);

        private final SceneCategory category;

        Kind(SceneCategory category) {
            this.category = category;
        }

        /** The name in tables. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Both pictures are 64 x 64 x 3 bytes RGB. */
    public record Pair(String prompt, Kind kind, byte[] chosen, byte[] rejected) {}

    private ScenePairs() {}

    /** {@code perKind} pairs of every kind, the same ones for a seed. */
    public static List<Pair> draw(int perKind, long seed) {
        var random = new SplittableRandom(seed);
        var sampler = new SceneSampler(random);
        var pairs = new ArrayList<Pair>();
        for (var kind : Kind.values()) {
            for (int found = 0; found < perKind; ) {
                var drawn = sampler.draw(kind.category);
                var chosen = SceneRenderer.render(drawn.scene());
                var rejected = SceneRenderer.render(spoilt(drawn.scene(), kind, random));
                // Two moons may have each other's place and nothing changes; such are drawn anew.
                if (VERIFIER.judge(chosen, drawn.rules()).correct()
                        && !VERIFIER.judge(rejected, drawn.rules()).correct()) {
                    pairs.add(new Pair(drawn.caption(), kind, chosen, rejected));
                    found++;
                }
            }
        }
        return pairs;
    }

    private static Scene spoilt(Scene scene, Kind kind, SplittableRandom random) {
        var things = new ArrayList<>(scene.things());
        var first = things.get(0);
        switch (kind) {
            case WRONG_COLOUR ->
                things.set(0, with(first, first.shape(), other(Colour.values(), first.colour(), random)));
            case WRONG_SHAPE ->
                things.set(0, with(first, other(Shape.values(), first.shape(), random), first.colour()));
            case MISSING, MISCOUNTED -> things.remove(random.nextInt(things.size()));
            case SWAPPED_COLOURS -> {
                things.set(0, with(first, first.shape(), things.get(1).colour()));
                things.set(1, with(things.get(1), things.get(1).shape(), first.colour()));
            }
            case SWAPPED_PLACES -> {
                things.set(0, with(first, things.get(1).shape(), things.get(1).colour()));
                things.set(1, with(things.get(1), first.shape(), first.colour()));
            }
        }
        return new Scene(scene.background(), scene.gradientX(), scene.gradientY(), things);
    }

    private static Thing with(Thing thing, Shape shape, Colour colour) {
        return new Thing(shape, colour, thing.x(), thing.y(), thing.radius(), thing.tint());
    }

    private static <E> E other(E[] values, E one, SplittableRandom random) {
        E value;
        do {
            value = values[random.nextInt(values.length)];
        } while (value.equals(one));
        return value;
    }
}
