// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.HeldOutAlarm;
import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.smc.EventText;
import dev.tiller.smc.Key;
import dev.tiller.smc.ListenerLaws;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class NoiseAscentTest {
    private static final RunManifest MANIFEST = new RunManifest("toy", 0, Map.of(), List.of(), Map.of(), "cpu");
    private static final Key KEY = Key.of(11);

    @AfterEach
    void nothingIsAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    private record Result(double[][] best, int[] bestStep, int[] order, List<RunEvent> events) {
        <E extends RunEvent> List<E> of(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }
    }

    private static Result climb(ToyReward reward, AscentPlan plan, double[]... start) {
        var events = new ArrayList<RunEvent>();
        try (var x = ToyVectors.of(start);
                var run = NoiseAscent.start(reward, plan, x, KEY, MANIFEST, events::add)) {
            run.finish();
            return new Result(
                    run.snapshot().best().toRows(), run.snapshot().bestStep(), run.order(), List.copyOf(events));
        }
    }

    @Nested
    class Listeners extends ListenerLaws {
        @Override
        protected Run start(RunListener listener) {
            var plan = AscentPlan.of(4, new Sgd(0.1, 0.9, true))
                    .withPrior(new ProbabilityPrior(0.1, 2, 3))
                    .withClip(0.5);
            try (var x = ToyVectors.of(new double[] {1, 2, 3, 4}, new double[] {-1, 0, 1, 2})) {
                return NoiseAscent.start(ToyReward.bowl(1, 0, 0, 1, 1), plan, x, KEY, MANIFEST, listener);
            }
        }
    }

    @Test
    void everyOptimizerFindsTheTopOfABowl() {
        for (var optimizer : List.of(new Sgd(0.2, 0, false), new Sgd(0.05, 0.8, true), new Lbfgs(1, 3))) {
            var result = climb(ToyReward.bowl(1.5, 1, -2, 3), AscentPlan.of(120, optimizer), new double[] {0, 0, 0});
            assertArrayEquals(new double[] {1, -2, 3}, result.best()[0], 1e-6, optimizer.toString());
        }
        var adam = climb(ToyReward.bowl(1.5, 1, -2, 3), AscentPlan.of(600, Adam.of(0.05)), new double[] {0, 0, 0});
        assertArrayEquals(new double[] {1, -2, 3}, adam.best()[0], 1e-3);
    }

    /**
     * r = b.x with ReNO's prior: the stationary point is along b with w (n - (d - 1) / n) = |b|. Its best iterate by the
     * reward is the one farthest along b, so a slow ascent from below is best at its end.
     */
    @Test
    void theNormPriorBalancesALinearRewardInClosedForm() {
        double[] b = {0.3, -0.4, 0, 1.2};
        double size = 1.3;
        double weight = 0.5;
        var reward = new ToyReward(
                x -> IntStream.range(0, 4).mapToDouble(j -> b[j] * x[j]).sum(), x -> b);
        var plan = AscentPlan.of(2000, new Sgd(0.1, 0, false)).withPrior(new NormPrior(weight));
        double n = (size / weight + Math.sqrt(size * size / weight / weight + 4 * 3)) / 2;
        var expected = Arrays.stream(b).map(e -> n * e / size).toArray();
        assertArrayEquals(
                expected, climb(reward, plan, new double[] {0.5, 0.5, 0.1, 0.2}).best()[0], 1e-5);
        var free =
                climb(reward, plan.withPrior(NoisePrior.NONE).withIterations(100), new double[] {0.5, 0.5, 0.1, 0.2});
        assertTrue(free.best()[0][3] > 2 * expected[3], "without the prior nothing balances");
    }

    @Test
    void onTheSphereALinearRewardIsBestAlongIt() {
        double[] b = {0.3, -0.4, 0, 1.2};
        var reward = new ToyReward(
                x -> IntStream.range(0, 4).mapToDouble(j -> b[j] * x[j]).sum(), x -> b);
        double[] start = {3, 0, 4, 0};
        for (var sphere : Sphere.values()) {
            double radius = sphere == Sphere.START ? 5 : 2;
            var plan = AscentPlan.of(300, new Sgd(0.5, 0, false)).withPrior(sphere);
            var end = climb(reward, plan, start).best()[0];
            assertArrayEquals(Arrays.stream(b).map(e -> radius * e / 1.3).toArray(), end, 1e-6);
            try (var x = ToyVectors.of(start);
                    var run = NoiseAscent.start(reward, plan, x, KEY, MANIFEST)) {
                for (int i = 0; i < 20; i++) {
                    run.next();
                    var at = run.snapshot().iterate().toRows()[0];
                    assertEquals(
                            radius, Math.sqrt(Arrays.stream(at).map(e -> e * e).sum()), 1e-12);
                }
            }
        }
    }

    @Test
    void aPriorThatFailsLeavesNothingBehind() {
        var failing = new NoisePrior() {
            @Override
            public <X extends Vectors<X>> X project(X next, X from) {
                throw new TillerException("no way back");
            }
        };
        for (var optimizer : List.of(new Sgd(1, 0.9, true), Adam.of(1), new Lbfgs(1, 2))) {
            var plan = AscentPlan.of(3, optimizer).withPrior(failing);
            try (var x = ToyVectors.of(new double[] {3});
                    var run = NoiseAscent.start(ToyReward.bowl(1, 0), plan, x, KEY, MANIFEST)) {
                assertThrows(TillerException.class, run::next);
            }
        }
    }

    @Test
    void whatOvershootsAnswersItsBest() {
        // x goes 3, -3.6, 4.32, ...: every step makes it worse.
        var worse = climb(ToyReward.bowl(1, 0), AscentPlan.of(6, new Sgd(2.2, 0, false)), new double[] {3});
        assertArrayEquals(new double[] {3}, worse.best()[0]);
        // 3, 1.5, -0.6, -2.19, ...: with momentum it shoots over the top.
        var over = climb(ToyReward.bowl(1, 0), AscentPlan.of(5, new Sgd(0.5, 0.9, false)), new double[] {3});
        assertEquals(2, over.bestStep()[0]);
        assertArrayEquals(new double[] {-0.6}, over.best()[0], 1e-12);
        assertEquals(
                -2.19,
                Math.signum(-2.19)
                        * Math.sqrt(-2 * over.of(RunEvent.Scored.class).get(3).rewards()[0]),
                1e-12);
    }

    @Test
    void ofEqualRewardsTheFirstIsKept() {
        var flat = new ToyReward(x -> 1, x -> new double[] {1});
        assertArrayEquals(
                new double[] {5},
                climb(flat, AscentPlan.of(5, new Sgd(1, 0, false)), new double[] {5})
                        .best()[0]);
    }

    @Test
    void thePriorHasNoSayInWhatIsBest() {
        var up = new ToyReward(x -> x[0], x -> new double[] {1, 0});
        var plan = AscentPlan.of(10, new Sgd(0.1, 0, false)).withPrior(new NormPrior(0.01));
        assertEquals(9, climb(up, plan, new double[] {30, 1}).bestStep()[0]);
    }

    @Test
    void theLastIterationTakesNoStep() {
        var reward = ToyReward.bowl(1, 0);
        var result = climb(reward, AscentPlan.of(3, new Sgd(0.5, 0, false)), new double[] {8});
        assertEquals(3, reward.cost().rewardCalls());
        assertEquals(2, reward.cost().backwardPasses());
        assertArrayEquals(new double[] {2}, result.best()[0]);
        var ascended = result.of(RunEvent.Ascended.class);
        assertEquals(8, ascended.get(0).gradientNorms()[0]);
        assertTrue(Double.isNaN(ascended.get(2).gradientNorms()[0]));
        assertEquals(
                2,
                ((RunEvent.RunEnded) result.events().get(result.events().size() - 1))
                        .cost()
                        .backwardPasses());
    }

    @Test
    void gradientsAreClippedRowByRow() {
        var result = climb(
                ToyReward.bowl(1, 0, 0),
                AscentPlan.of(2, new Sgd(1, 0, false)).withClip(0.5),
                new double[] {3, 4},
                new double[] {0.3, 0});
        double coefficient = 0.5 / (5 + 1e-6);
        assertArrayEquals(new double[] {3 - 3 * coefficient, 4 - 4 * coefficient}, result.best()[0], 1e-15);
        assertArrayEquals(new double[] {0, 0}, result.best()[1], 1e-15);
        assertArrayEquals(
                new double[] {5, 0.3}, result.of(RunEvent.Ascended.class).get(0).gradientNorms(), 1e-15);
    }

    @Test
    void aRowDoesNotDependOnItsNeighbours() {
        double[][] starts = {{1, 2, -1, 0.5}, {3, -1, 0, 2}, {0.1, 0.1, -4, 1}};
        for (var optimizer : List.of(new Sgd(0.1, 0.9, true), Adam.of(0.1), new Lbfgs(2, 3))) {
            var plan = AscentPlan.of(9, optimizer).withPrior(new NormPrior(0.2));
            var together = climb(ToyReward.bowl(1.7, 0, 1, 2, 3), plan, starts);
            for (int i = 0; i < 3; i++) {
                var alone = climb(ToyReward.bowl(1.7, 0, 1, 2, 3), plan, starts[i]);
                assertArrayEquals(alone.best()[0], together.best()[i]);
            }
        }
    }

    @Test
    void randomPriorsAreKeyedBySlot() {
        double[][] starts = {{1, 1.1, 0.9, 1}, {2, 2.1, 1.9, 2}};
        var plan = AscentPlan.of(5, new Sgd(0.1, 0, false)).withPrior(new ProbabilityPrior(3, 2, 2));
        var two = climb(ToyReward.bowl(1, 0, 0, 0, 0), plan, starts);
        var first = climb(ToyReward.bowl(1, 0, 0, 0, 0), plan, starts[0]);
        assertArrayEquals(first.best()[0], two.best()[0]);
    }

    /** Row 1 meets a NaN gradient, row 2 an explosion, row 3 a NaN reward at once; row 0 goes on as if alone. */
    @Test
    void whatDivergesEndsAtItsBestAndTheOthersGoOn() {
        var cliffs = new ToyReward(x -> x[0] > 900 ? Double.NaN : x[0], x ->
                new double[] {x[0] > 3 && x[0] < 5 ? Double.NaN : x[0] > 103 && x[0] < 200 ? 1e12 : 1});
        var plan = AscentPlan.of(8, new Sgd(1, 0, false));
        var result = climb(cliffs, plan, new double[] {-50}, new double[] {1}, new double[] {101}, new double[] {1000});
        assertArrayEquals(new int[] {7, 3, 3, -1}, result.bestStep());
        assertArrayEquals(new double[] {-43}, result.best()[0]);
        assertArrayEquals(new double[] {4}, result.best()[1]);
        assertArrayEquals(new double[] {104}, result.best()[2]);
        assertArrayEquals(new int[] {2, 1, 0, 3}, result.order());
        var warned = result.of(RunEvent.Warned.class);
        assertEquals(
                List.of(3, 1, 2), warned.stream().map(RunEvent.Warned::slot).toList());
        assertTrue(
                warned.get(1).message().contains("gradient is not finite"),
                warned.get(1).message());
        assertTrue(warned.get(2).message().contains("exploded"), warned.get(2).message());
        var last = result.of(RunEvent.Scored.class).get(7);
        assertArrayEquals(new double[] {-43, 4, 104, Double.NaN}, last.rewards());
        assertArrayEquals(new double[] {-43, 4, 104, Double.NaN}, last.parts().get("toy"));
    }

    /** A reward that is blind to where the noise has gone does not make it the answer. */
    @Test
    void noiseThatIsNoNumberIsNeverTheBest() {
        var blind = new ToyReward(x -> Math.min(x[0], 1), x -> new double[] {x[0] < 0 ? 1e-6 : 1e150});
        var plan = AscentPlan.of(8, new Sgd(1e6, 0, false)).withExplosion(Double.POSITIVE_INFINITY);
        var result = climb(blind, plan, new double[] {-0.75}, new double[] {-50});
        assertEquals(1, result.bestStep()[0]);
        assertArrayEquals(new double[] {0.25}, result.best()[0]);
        assertEquals(7, result.bestStep()[1]);
        var message = result.of(RunEvent.Warned.class).get(0).message();
        assertTrue(message.contains("left the finite numbers"), message);
    }

    @Test
    void whereNothingCanBeSaidTheRunFails() {
        var nothing = new ToyReward(x -> Double.NaN, x -> new double[] {0});
        var plan = AscentPlan.of(3, new Sgd(1, 0, false));
        assertThrows(TillerException.class, () -> climb(nothing, plan, new double[] {1}, new double[] {2}));
    }

    @Test
    void patienceEndsWhatHasStoppedRising() {
        var result = climb(
                ToyReward.bowl(1, 0),
                AscentPlan.of(50, new Sgd(0.3, 0.9, false)).withPatience(2),
                new double[] {3});
        int steps = result.of(RunEvent.StepDone.class).size();
        assertEquals(result.bestStep()[0] + 3, steps);
        assertTrue(steps < 20);
    }

    /** The steered reward is -x², the held-out one x[0] itself: down from 10, it falls while the reward rises. */
    @Test
    void theAlarmEndsAnAscentThatIsGamed() {
        var starts = IntStream.range(0, 8)
                .mapToObj(i -> new double[] {10 + 0.01 * i})
                .toArray(double[][]::new);
        var plan = AscentPlan.of(40, new Sgd(0.02, 0, false));
        var reward = ToyReward.bowl(1, 0);
        var stopped = climb(reward, plan.withAlarm(HeldOutAlarm.DEFAULT), starts);
        assertEquals(10, stopped.of(RunEvent.StepDone.class).size());
        var message = stopped.of(RunEvent.Warned.class).get(0).message();
        assertTrue(message.contains("first"), message);
        assertEquals(40, climb(reward, plan, starts).of(RunEvent.StepDone.class).size());
        // From below, it rises with the reward.
        var below = Arrays.stream(starts).map(x -> new double[] {-x[0]}).toArray(double[][]::new);
        var fine = climb(reward, plan.withAlarm(HeldOutAlarm.DEFAULT), below);
        assertEquals(40, fine.of(RunEvent.StepDone.class).size());
    }

    @Test
    void aResumedRunEqualsAnUninterruptedOneToTheBit() {
        double[][] starts = {{1, 2, -1, 0.5}, {3, -1, 0, 2}, {400, 0, 0, 0}};
        var fragile = new ToyReward(x -> -x[0] * x[0] - x[1] * x[2] + x[3], x ->
                new double[] {x[0] > 100 && x[0] < 300 ? Double.NaN : -2 * x[0], -x[2], -x[1], 1});
        for (var plan : List.of(
                AscentPlan.of(9, new Sgd(0.1, 0.9, true)).withPrior(new ProbabilityPrior(1, 2, 3)),
                AscentPlan.of(9, Adam.of(0.1)).withPrior(Sphere.START),
                AscentPlan.of(9, new Lbfgs(1, 2)))) {
            var whole = climb(fragile, plan, starts);
            for (int at = 0; at < 9; at++) {
                var events = new ArrayList<RunEvent>();
                AscentSnapshot<ToyVectors> kept;
                try (var x = ToyVectors.of(starts);
                        var run = NoiseAscent.start(fragile, plan, x, KEY, MANIFEST)) {
                    for (int i = 0; i < at; i++) {
                        run.next();
                    }
                    kept = run.snapshot().copy();
                }
                try (kept;
                        var run = NoiseAscent.resume(kept, fragile, plan, KEY, events::add)) {
                    run.finish();
                    assertArrayEquals(whole.best(), run.snapshot().best().toRows());
                }
                var tail = whole.events()
                        .subList(
                                whole.events().size() - events.size(),
                                whole.events().size());
                assertEquals(texts(tail), texts(events));
            }
        }
    }

    @Test
    void anotherKeyIsAnotherRunWhereThePriorIsRandom() {
        var plan = AscentPlan.of(5, new Sgd(0.1, 0, false)).withPrior(new ProbabilityPrior(3, 2, 2));
        var ends = new ArrayList<Double>();
        for (long seed : new long[] {1, 2}) {
            try (var x = ToyVectors.row(1, 2, -1, 3, 1, 4);
                    var run = NoiseAscent.start(ToyReward.bowl(1, 0, 0, 0, 0, 0, 0), plan, x, Key.of(seed), MANIFEST)) {
                run.finish();
                ends.add(run.snapshot().best().toRows()[0][0]);
            }
        }
        assertNotEquals(ends.get(0), ends.get(1));
    }

    @Test
    void heldOutRewardsAreToldBesideTheSteered() {
        var result = climb(ToyReward.bowl(1, 0), AscentPlan.of(4, new Sgd(0.5, 0, false)), new double[] {8});
        var first = result.of(RunEvent.HeldOut.class).stream()
                .mapToDouble(e -> e.rewards().get("first")[0])
                .toArray();
        assertArrayEquals(new double[] {8, 4, 2, 1}, first);
        assertFalse(result.of(RunEvent.Scored.class).get(0).parts().containsKey("first"));
    }

    private static List<String> texts(List<RunEvent> events) {
        return events.stream().map(EventText::of).toList();
    }
}
