// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.smc.EventText;
import dev.tiller.smc.Key;
import dev.tiller.smc.ListenerLaws;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Search on r = x[0], for which everything is known. */
class NoiseSearchTest {
    private static final RunManifest MANIFEST = new RunManifest("toy", 0, Map.of(), List.of(), Map.of(), "cpu");

    @AfterEach
    void nothingIsAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    private static NoiseSource<ToyVectors> source(int dimensions) {
        return (n, key) -> ToyVectors.of(IntStream.range(0, n)
                .mapToObj(i -> {
                    var random = key.at(i).generator();
                    return IntStream.range(0, dimensions)
                            .mapToDouble(j -> random.nextGaussian())
                            .toArray();
                })
                .toArray(double[][]::new));
    }

    private static Scores first(int step, ToyVectors x) {
        var first = Arrays.stream(x.toRows()).mapToDouble(row -> row[0]).toArray();
        var second = Arrays.stream(x.toRows()).mapToDouble(row -> row[1]).toArray();
        return new Scores(first, Map.of("first", first.clone()), Map.of("second", second));
    }

    @Nested
    class Listeners extends ListenerLaws {
        @Override
        protected Run start(RunListener listener) {
            return NoiseSearch.start(
                    source(3),
                    NoiseSearchTest::first,
                    SearchPlan.zeroOrder(4, 3).withPivots(2),
                    Key.of(5),
                    MANIFEST,
                    listener);
        }
    }

    /** The mean of the largest of 10 standard normals is 1.5388, its deviation 0.587; 3.5 sigma: false alarm 0.05 %. */
    @Test
    void randomSearchIsTheBestOfN() {
        int runs = 2000;
        double sum = 0;
        for (int seed = 0; seed < runs; seed++) {
            try (var run = NoiseSearch.start(
                    source(2), NoiseSearchTest::first, SearchPlan.random(4, 3), Key.of(seed), MANIFEST)) {
                run.finish();
                sum += run.snapshot().scores().total()[0];
            }
        }
        assertEquals(1.5388, sum / runs, 3.5 * 0.587 / Math.sqrt(runs));
    }

    @Test
    void neighboursLieOnThePivotsSphereAtTheGivenCosine() {
        for (double cosine : new double[] {0, 0.5, 0.95}) {
            var seen = new ArrayList<double[]>();
            Objective<ToyVectors> watching = (step, x) -> {
                seen.addAll(List.of(x.toRows()));
                return Scores.of(new double[x.size()]);
            };
            var plan = SearchPlan.zeroOrder(2, 5).withSimilarity(cosine);
            try (var run = NoiseSearch.start(source(7), watching, plan, Key.of(3), MANIFEST)) {
                run.finish();
            }
            var pivot = seen.get(0);
            for (var neighbour : seen.subList(1, 6)) {
                assertEquals(dot(pivot, pivot), dot(neighbour, neighbour), 1e-12);
                assertEquals(cosine, dot(pivot, neighbour) / dot(pivot, pivot), 1e-12);
            }
            assertTrue(Math.abs(dot(seen.get(1), seen.get(2)) / dot(pivot, pivot) - cosine * cosine) > 1e-6);
        }
    }

    /** Within a cosine of 0.95 the reward climbs to almost all of the norm, which random search cannot reach. */
    @Test
    void neighbourhoodSearchClimbs() {
        var rewards = new ArrayList<Double>();
        try (var run = NoiseSearch.start(
                source(20), NoiseSearchTest::first, SearchPlan.zeroOrder(120, 8), Key.of(1), MANIFEST)) {
            double norm =
                    Math.sqrt(run.snapshot().pivots().dotRows(run.snapshot().pivots())[0]);
            while (run.hasNext()) {
                rewards.add(run.next().bestReward());
            }
            assertTrue(rewards.get(119) > 0.9 * norm, rewards.get(119) + " of " + norm);
            assertEquals(
                    1 + 119 * 8,
                    IntStream.range(0, 120).map(i -> i == 0 ? 1 : 8).sum());
        }
        for (int i = 1; i < rewards.size(); i++) {
            assertTrue(rewards.get(i) >= rewards.get(i - 1));
        }
    }

    @Test
    void onlyCandidatesAreEvaluatedAndPivotsAreIndependent() {
        var sizes = new ArrayList<Integer>();
        Objective<ToyVectors> counting = (step, x) -> {
            sizes.add(x.size());
            return first(step, x);
        };
        var plan = new SearchPlan(3, 2, 4, OptionalDouble.of(0.9));
        try (var run = NoiseSearch.start(source(5), counting, plan, Key.of(8), MANIFEST);
                var alone = NoiseSearch.start(source(5), counting, plan.withPivots(1), Key.of(8), MANIFEST)) {
            run.finish();
            assertEquals(List.of(2, 8, 8), sizes);
            alone.finish();
            assertArrayEquals(
                    alone.snapshot().pivots().toRows()[0],
                    run.snapshot().pivots().toRows()[0]);
            assertEquals(
                    run.snapshot().scores().total()[0], run.snapshot().pivots().toRows()[0][0]);
            assertEquals(
                    run.snapshot().scores().heldOut().get("second")[1],
                    run.snapshot().pivots().toRows()[1][1]);
        }
    }

    @Test
    void aNoiseWithoutRewardIsPassedOver() {
        Objective<ToyVectors> moody = (step, x) -> Scores.of(Arrays.stream(x.toRows())
                .mapToDouble(row -> step == 0 ? Double.NaN : row[0] > 0.5 ? Double.POSITIVE_INFINITY : row[0])
                .toArray());
        var events = new ArrayList<RunEvent>();
        try (var run = NoiseSearch.start(source(2), moody, SearchPlan.random(3, 6), Key.of(2), MANIFEST, events::add)) {
            run.finish();
            assertTrue(run.snapshot().pivots().toRows()[0][0] <= 0.5);
            assertTrue(Double.isFinite(run.snapshot().scores().total()[0]));
        }
        assertTrue(events.stream().anyMatch(RunEvent.Warned.class::isInstance));
        Objective<ToyVectors> mute = (step, x) -> Scores.of(Slots.filled(x.size(), Double.NaN));
        try (var run = NoiseSearch.start(source(2), mute, SearchPlan.random(3, 6), Key.of(2), MANIFEST)) {
            assertThrows(TillerException.class, run::finish);
        }
    }

    @Test
    void aResumedSearchEqualsAnUninterruptedOneToTheBit() {
        var plan = SearchPlan.zeroOrder(5, 3).withPivots(2);
        var whole = new ArrayList<RunEvent>();
        try (var run = NoiseSearch.start(source(4), NoiseSearchTest::first, plan, Key.of(4), MANIFEST, whole::add)) {
            run.finish();
        }
        try (var run = NoiseSearch.start(source(4), NoiseSearchTest::first, plan, Key.of(4), MANIFEST)) {
            for (int made = 0; made < 5; made++) {
                var rest = new ArrayList<RunEvent>();
                try (var again = NoiseSearch.resume(
                        run.snapshot(), source(4), NoiseSearchTest::first, plan, Key.of(4), rest::add)) {
                    again.finish();
                }
                var tail = whole.subList(whole.size() - rest.size(), whole.size());
                assertEquals(
                        tail.stream().map(EventText::of).toList(),
                        rest.stream().map(EventText::of).toList());
                run.next();
            }
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThrows(TillerException.class, () -> SearchPlan.random(0, 4));
        assertThrows(TillerException.class, () -> SearchPlan.random(3, 0));
        assertThrows(TillerException.class, () -> SearchPlan.zeroOrder(3, 4).withSimilarity(1));
        assertThrows(TillerException.class, () -> SearchPlan.zeroOrder(3, 4).withPivots(0));
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(j -> a[j] * b[j]).sum();
    }
}
