// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Cost;
import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SmcRunTest {
    private static final RunManifest MANIFEST = new RunManifest("toy", 7, Map.of(), List.of(), Map.of(), "cpu");

    private final ExactToy toy = ExactToy.all().get(2);

    @AfterEach
    void noBatchIsLeftAlive() {
        assertEquals(0, ToyBatch.alive());
    }

    // -- the two controls

    @Test
    void aResamplerThatAlwaysReturnsParticle0IsRejected() {
        var resampling = Resampling.always(ResamplersTest.ALWAYS_0);
        assertTrue(isRejected(resampling, Potential.DIFFERENCE));
        assertFalse(isRejected(Resampling.always(ResamplingScheme.SSP), Potential.DIFFERENCE));
    }

    @Test
    void weightsForgottenWhereResamplingIsSkippedAreRejected() {
        // As the reference has it (deviation D1): skipped, and all particles count the same from here on.
        Resampling forgetful = (w, children, key) -> Optional.of(
                new Ancestry(IntStream.range(0, children).toArray(), LogWeights.equal(children, w.logMean())));
        assertTrue(isRejected(forgetful, Potential.DIFFERENCE));
        assertTrue(isRejected(forgetful, Potential.MAX));
        assertFalse(isRejected(Resampling.never(), Potential.MAX));
    }

    private boolean isRejected(Resampling resampling, Potential potential) {
        var exactness = new Exactness(400);
        var plan = SteeringPlan.fk(16, toy.lambda(), ScoringSchedule.from(1, 2))
                .withPotential(potential)
                .withResampling(resampling);
        exactness.examine(toy, plan, Key.of(31));
        return !exactness.rejected().isEmpty();
    }

    // -- rewards that are not ordinary numbers

    @Test
    void largeRewardsDoNotOverflow() {
        for (var potential : List.of(Potential.DIFFERENCE, Potential.MAX, Potential.SUM, Potential.NONE)) {
            for (double scale : new double[] {1000 / toy.lambda(), 1e6, -1e6}) {
                Objective<ToyBatch> objective = (step, x) -> Scores.of(Arrays.stream(x.toArray())
                        .map(v -> scale * Math.tanh(v))
                        .toArray());
                var plan = SteeringPlan.fk(8, toy.lambda(), ScoringSchedule.from(0, 1))
                        .withPotential(potential);
                try (var run = SmcRun.start(toy.kernel(), objective, plan, Key.of(1))) {
                    run.finish();
                    var ledger = run.snapshot().ledger();
                    assertTrue(Double.isFinite(run.snapshot().logEvidence()));
                    assertEquals(1, Arrays.stream(ledger.weights().normalised()).sum(), 1e-12);
                    // The settled account: what was paid in all is lambda r, whatever the potential.
                    for (var account : ledger.accounts()) {
                        assertEquals(toy.lambda() * account.reward(), account.spent());
                    }
                }
            }
        }
    }

    @Test
    void aRewardThatFailsGivesTheParticleUpAndSaysSo() {
        for (double failed : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY}) {
            var heard = new ArrayList<RunEvent>();
            Objective<ToyBatch> objective = (step, x) -> {
                var r = x.toArray();
                r[2] = step == 2 ? failed : r[2];
                return Scores.of(r);
            };
            var plan = SteeringPlan.fk(6, 1, ScoringSchedule.from(0, 1)).withResampling(Resampling.never());
            try (var run = SmcRun.start(toy.kernel(), objective, plan, Key.of(1), MANIFEST, heard::add)) {
                while (run.hasNext()) {
                    // A particle that was given up has not the best reward.
                    assertTrue(Double.isFinite(run.next().bestReward()));
                }
                assertEquals(
                        Double.NEGATIVE_INFINITY,
                        run.snapshot().ledger().weights().get(2));
                assertEquals(2, run.order()[5], "comes last");
            }
            var warned =
                    heard.stream().filter(RunEvent.Warned.class::isInstance).toList();
            assertEquals(1, warned.size());
            assertEquals(2, ((RunEvent.Warned) warned.get(0)).step());
            assertEquals(2, ((RunEvent.Warned) warned.get(0)).slot());
        }
    }

    @Test
    void bestOfNPutsAFailedRewardLast() {
        Objective<ToyBatch> objective = (step, x) -> Scores.of(1, Double.NaN, 3, 2);
        try (var run = SmcRun.start(toy.kernel(), objective, SteeringPlan.bestOf(4, 1), Key.of(1))) {
            run.finish();
            assertArrayEquals(new int[] {2, 3, 0, 1}, run.order());
        }
    }

    @Test
    void aRunWithoutAnyRewardFailsNamingTheStep() {
        for (var plan : List.of(
                SteeringPlan.fk(4, 1, ScoringSchedule.from(2, 1)),
                SteeringPlan.bestOf(4, 1),
                SteeringPlan.svdd(2, 2, 1, ScoringSchedule.from(2, 2)))) {
            int step = plan.schedule().scores(2, toy.kernel().steps()) ? 2 : 5;
            var heard = new ArrayList<RunEvent>();
            Objective<ToyBatch> objective = (s, x) -> Scores.of(nan(x.size()));
            try (var run = SmcRun.start(toy.kernel(), objective, plan, Key.of(1), MANIFEST, heard::add)) {
                var e = assertThrows(TillerException.class, run::finish);
                assertTrue(e.getMessage().contains("No particle is left at step " + step), e.getMessage());
                assertFalse(run.hasNext());
            }
            var ended = (RunEvent.RunEnded) heard.get(heard.size() - 1);
            assertEquals(RunEvent.Outcome.Failed.class, ended.outcome().getClass());
        }
    }

    /** The toy's kernel, some of whose moves at step 2 have no weight. */
    private Kernel<ToyBatch> unweighed(int... slots) {
        var inner = toy.kernel();
        return new Kernel<>() {
            @Override
            public int steps() {
                return inner.steps();
            }

            @Override
            public boolean stochastic() {
                return inner.stochastic();
            }

            @Override
            public ToyBatch start(int n, Key key) {
                return inner.start(n, key);
            }

            @Override
            public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
                var move = inner.move(step, x, key);
                if (step == 2) {
                    Arrays.stream(slots).forEach(slot -> move.logCorrection()[slot] = Double.NEGATIVE_INFINITY);
                }
                return move;
            }
        };
    }

    @Test
    void aMoveWithoutAWeightGivesTheParticleUpAndSaysSo() {
        var heard = new ArrayList<RunEvent>();
        // Only particle 1 counts, so that it would be selected for all.
        Objective<ToyBatch> objective = (step, x) -> Scores.of(0, step == 2 ? 1000 : 0, 0, 0);
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(0, 1));
        try (var run = SmcRun.start(unweighed(1), objective, plan, Key.of(1), MANIFEST, heard::add)) {
            run.finish();
            assertEquals(4, Arrays.stream(run.order()).distinct().count());
        }
        var warned = heard.stream().filter(RunEvent.Warned.class::isInstance).toList();
        assertEquals(1, warned.size());
        assertEquals(2, ((RunEvent.Warned) warned.get(0)).step());
        assertEquals(1, ((RunEvent.Warned) warned.get(0)).slot());
        for (var event : heard) {
            if (event instanceof RunEvent.Resampled resampled && resampled.step() == 2) {
                assertTrue(Arrays.stream(resampled.ancestors()).noneMatch(a -> a == 1), "it is not selected");
            }
        }
    }

    @Test
    void whereNoMoveHasAWeightTheRunEndsThereAndSaysWhy() {
        for (var plan : List.of(SteeringPlan.bestOf(2, 1), SteeringPlan.fk(2, 1, ScoringSchedule.from(0, 1)))) {
            try (var run = SmcRun.start(unweighed(0, 1), toy.objective(), plan, Key.of(1))) {
                var e = assertThrows(TillerException.class, run::finish);
                assertTrue(e.getMessage().contains("No particle is left at step 2: the guidance"), e.getMessage());
            }
        }
    }

    private static double[] nan(int n) {
        var all = new double[n];
        Arrays.fill(all, Double.NaN);
        return all;
    }

    @Test
    void aPotentialThatGivesNanIsNamed() {
        var plan = SteeringPlan.fk(3, 1, ScoringSchedule.from(1, 1)).withPotential(path -> Math.log(-1));
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(1))) {
            var e = assertThrows(TillerException.class, run::finish);
            assertTrue(e.getMessage().contains("particle 0 became NaN at step 1"), e.getMessage());
        }
    }

    // -- what a run does not depend on

    /** Splits rows into micro-batches, judges them in any order and on many threads. */
    private record Scattered(Kernel<ToyBatch> inner, int microBatch) implements Kernel<ToyBatch> {
        @Override
        public int steps() {
            return inner.steps();
        }

        @Override
        public boolean stochastic() {
            return inner.stochastic();
        }

        @Override
        public ToyBatch start(int n, Key key) {
            return inner.start(n, key);
        }

        @Override
        public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
            var next = new double[x.size()];
            var clean = new double[x.size()];
            var starts = new ArrayList<Integer>();
            for (int from = 0; from < x.size(); from += microBatch) {
                starts.add(0, from);
            }
            starts.parallelStream().forEach(from -> {
                // Rows keep their slots: a micro-batch is the whole batch with only some rows wanted.
                try (var move = inner.move(step, x, key)) {
                    for (int i = from; i < Math.min(from + microBatch, x.size()); i++) {
                        next[i] = move.next().get(i);
                        clean[i] = move.clean().get(i);
                    }
                }
            });
            return new Move<>(new ToyBatch(next), new ToyBatch(clean), new double[next.length]);
        }
    }

    @Test
    void microBatchesThreadsAndTheOrderOfScoringChangeNothing() {
        var plan = SteeringPlan.fk(13, 3, ScoringSchedule.from(1, 2));
        var expected = told(toy.kernel(), toy.objective(), plan);
        for (int microBatch : new int[] {1, 4, 13}) {
            Objective<ToyBatch> shuffled = (step, x) -> {
                var r = new double[x.size()];
                IntStream.range(0, r.length).parallel().forEach(j -> {
                    int i = (5 * j + 3) % r.length;
                    try (var one = x.gather(new int[] {i})) {
                        r[i] = toy.objective().score(step, one).total()[0];
                    }
                });
                return Scores.of(r);
            };
            assertEquals(expected, told(new Scattered(toy.kernel(), microBatch), shuffled, plan));
        }
        assertNotEquals(expected, told(toy.kernel(), toy.objective(), plan.withPotential(Potential.MAX)));
    }

    private static List<String> told(Kernel<ToyBatch> kernel, Objective<ToyBatch> objective, SteeringPlan plan) {
        var heard = new ArrayList<String>();
        try (var run =
                SmcRun.start(kernel, objective, plan, Key.of(3), MANIFEST, event -> heard.add(EventText.of(event)))) {
            run.finish();
        }
        return heard;
    }

    // -- stopping and going on

    @Test
    void aResumedRunIsTheSameToTheBit() {
        var plans = List.of(
                SteeringPlan.fk(8, 2, ScoringSchedule.from(0, 1)),
                SteeringPlan.svdd(3, 3, 2, ScoringSchedule.from(1, 2)),
                SteeringPlan.fk(9, 2, ScoringSchedule.from(0, 2))
                        .withPopulation(Population.of(9).then(2, 5))
                        .withAnswer(Answer.DRAWN_BY_WEIGHT));
        for (var plan : plans) {
            var whole = told(toy.kernel(), toy.objective(), plan);
            for (int stop = 0; stop <= toy.kernel().steps(); stop++) {
                var heard = new ArrayList<String>();
                RunListener listener = event -> heard.add(EventText.of(event));
                try (var first = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(3), MANIFEST, listener)) {
                    for (int step = 0; step < stop; step++) {
                        first.next();
                    }
                    if (stop == toy.kernel().steps()) {
                        assertEquals(whole, heard);
                        continue;
                    }
                    try (var second =
                            SmcRun.resume(first.snapshot(), toy.kernel(), toy.objective(), plan, Key.of(3), listener)) {
                        second.finish();
                    }
                    assertEquals(whole, heard);
                }
            }
        }
    }

    // -- populations

    @Test
    void childrenBranchAfterTheSelectionAndCompeteWithinTheFamily() {
        var heard = new ArrayList<RunEvent>();
        var plan = SteeringPlan.svdd(2, 3, 1, new ScoringSchedule(1, 3, 2));
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(5), MANIFEST, heard::add)) {
            run.finish();
        }
        var resampled = heard.stream()
                .filter(RunEvent.Resampled.class::isInstance)
                .map(RunEvent.Resampled.class::cast)
                .toList();
        assertEquals(
                List.of(1, 3), resampled.stream().map(RunEvent.Resampled::step).toList());
        for (var r : resampled) {
            assertEquals(2, r.ancestors().length);
            assertEquals(0, r.ancestors()[0] / 3);
            assertEquals(1, r.ancestors()[1] / 3);
        }
        var expanded = heard.stream()
                .filter(RunEvent.Expanded.class::isInstance)
                .map(RunEvent.Expanded.class::cast)
                .toList();
        assertEquals(
                List.of(2, 4), expanded.stream().map(RunEvent.Expanded::step).toList());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, expanded.get(0).parents());
    }

    @Test
    void thePopulationShrinksAndGrowsAtTheNextScoring() {
        var plan = SteeringPlan.fk(16, 0.1, ScoringSchedule.from(1, 2))
                .withPopulation(Population.of(16).then(2, 4).then(4, 1));
        var e = assertThrows(TillerException.class, () -> SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(1)));
        assertTrue(e.getMessage().contains("population changes from step 4"), e.getMessage());
        var fits = plan.withPopulation(Population.of(16).then(1, 4).then(3, 6));
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), fits, Key.of(1))) {
            var sizes = new ArrayList<Integer>();
            run.forEachRemaining(report -> sizes.add(report.particles()));
            assertEquals(List.of(16, 4, 4, 6, 6, 6), sizes);
        }
    }

    /** What is held out is told at every scored step and changes nothing. */
    @Test
    void heldOutRewardsAreToldAndDoNotSteer() {
        Objective<ToyBatch> plain = (step, x) -> Scores.of(x.toArray());
        Objective<ToyBatch> watched = (step, x) -> new Scores(
                x.toArray(),
                Map.of(),
                Map.of("square", Arrays.stream(x.toArray()).map(v -> v * v).toArray()));
        var plan = SteeringPlan.fk(6, 1, ScoringSchedule.from(1, 2));
        var told = new ArrayList<RunEvent>();
        var without = new ArrayList<RunEvent>();
        try (var run = SmcRun.start(toy.kernel(), watched, plan, Key.of(5), MANIFEST, told::add);
                var same = SmcRun.start(toy.kernel(), plain, plan, Key.of(5), MANIFEST, without::add)) {
            run.finish();
            same.finish();
        }
        for (int i = 0; i < told.size(); i++) {
            if (told.get(i) instanceof RunEvent.HeldOut held) {
                var scored = (RunEvent.Scored) told.get(i - 1);
                assertEquals(scored.step(), held.step());
                assertArrayEquals(
                        Arrays.stream(scored.rewards()).map(v -> v * v).toArray(),
                        held.rewards().get("square"));
            }
        }
        assertTrue(told.removeIf(RunEvent.HeldOut.class::isInstance));
        assertEquals(
                without.stream().map(EventText::of).toList(),
                told.stream().map(EventText::of).toList());
    }

    @Test
    void theLastStepIsScoredOnTheSamplesThemselves() {
        var seen = new ArrayList<double[]>();
        Objective<ToyBatch> objective = (step, x) -> {
            seen.add(x.toArray());
            return Scores.of(x.toArray());
        };
        try (var run = SmcRun.start(toy.kernel(), objective, SteeringPlan.bestOf(5, 1), Key.of(2))) {
            run.finish();
            assertEquals(1, seen.size());
            assertArrayEquals(seen.get(0), run.snapshot().population().toArray());
            double best = Arrays.stream(seen.get(0)).max().orElseThrow();
            assertEquals(best, seen.get(0)[run.order()[0]]);
        }
    }

    @Test
    void aDrawByWeightFollowsTheWeights() {
        var ledger = new Ledger(
                LogWeights.of(Math.log(1), Math.log(3), Double.NEGATIVE_INFINITY),
                List.of(Account.OPEN, Account.OPEN, Account.OPEN));
        int second = 0;
        for (int r = 0; r < 4000; r++) {
            var order = Answer.DRAWN_BY_WEIGHT.order(ledger, Key.of(r));
            assertEquals(2, order[2]);
            second += order[0];
        }
        // Binomial(4000, 3/4): 3000 with a standard deviation of 27.4; five of these, false alarm below 1e-6.
        assertEquals(3000, second, 5 * 27.4);
    }

    @Test
    void costIsCountedFromTheStartOfTheRun() {
        var counting = new Objective<ToyBatch>() {
            private long calls = 100;

            @Override
            public Scores score(int step, ToyBatch x) {
                calls += x.size();
                return Scores.of(x.toArray());
            }

            @Override
            public Cost cost() {
                return new Cost(0, calls, calls, 0);
            }
        };
        try (var run =
                SmcRun.start(toy.kernel(), counting, SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2)), Key.of(1))) {
            run.finish();
            assertEquals(new Cost(0, 12, 12, 0), run.snapshot().cost());
        }
    }

    // -- plans that are refused

    @Test
    void plansThatMakeNoSenseAreRefused() {
        var every = ScoringSchedule.from(1, 1);
        var fk = SteeringPlan.fk(4, 1, every);
        refused("number of particles must be at least 1, but is 0", () -> SteeringPlan.fk(0, 1, every));
        refused("Lambda", () -> SteeringPlan.fk(4, Double.NaN, every));
        refused("Lambda", () -> SteeringPlan.fk(4, -1, every));
        refused("at least 1, but not 0", () -> ScoringSchedule.from(1, 0));
        refused("not at step -1", () -> ScoringSchedule.from(-1, 1));
        refused("at least 1 child", () -> fk.withChildren(0));
        refused("two steps from one scoring", () -> fk.withChildren(2));
        refused("from 0 to 1, but is 1.5", () -> Resampling.whenEssBelow(1.5, ResamplingScheme.SSP));
        refused(
                "must be resampled",
                () -> fk.withPopulation(Population.of(4).then(2, 2)).withResampling(Resampling.never()));
        refused("order of their steps", () -> Population.of(4).then(2, 2).then(2, 1));
        refused("makes only 6 steps", () -> start(SteeringPlan.fk(4, 1, ScoringSchedule.from(6, 1))));
    }

    @Test
    void aResamplerOfAnotherNumberThanWasAskedForIsRefused() {
        Resampler halves =
                (w, children, key) -> new Ancestry(new int[children / 2], LogWeights.equal(children / 2, w.logMean()));
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 1)).withResampling(Resampling.always(halves));
        var toy = ExactToy.all().get(0);
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(1))) {
            var e = assertThrows(IllegalStateException.class, run::finish);
            assertEquals("the resampler gave 2 children where 4 were wanted", e.getMessage());
        }
    }

    @Test
    void anAncestorThatDoesNotExistIsRefused() {
        Resampler outside = (w, children, key) -> new Ancestry(new int[] {0, 1, 2, 4}, w);
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 1)).withResampling(Resampling.always(outside));
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(1))) {
            var e = assertThrows(IllegalStateException.class, run::finish);
            assertEquals("the resampler named the ancestor 4 among 4 particles", e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new Ancestry(new int[3], LogWeights.equal(4, 0)));
    }

    @Test
    void aStartOfAnotherNumberOfParticlesIsRefused() {
        var halves = new Kernel<ToyBatch>() {
            private final FrozenKernel whole = new FrozenKernel(6);

            @Override
            public int steps() {
                return whole.steps();
            }

            @Override
            public boolean stochastic() {
                return true;
            }

            @Override
            public ToyBatch start(int n, Key key) {
                return whole.start(n / 2, key);
            }

            @Override
            public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
                return whole.move(step, x, key);
            }
        };
        var e = assertThrows(
                IllegalStateException.class,
                () -> SmcRun.start(halves, toy.objective(), SteeringPlan.bestOf(4, 1), Key.of(1)));
        assertEquals("the sampler started with 2 particles where 4 were wanted", e.getMessage());
    }

    @Test
    void copiesUnderADeterministicKernelAreRefused() {
        var frozen = new FrozenKernel(6);
        var fk = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2));
        refused("eta > 0, or an ancestral or SDE sampler", () -> SmcRun.start(frozen, toy.objective(), fk, Key.of(1)));
        refused(
                "eta > 0, or an ancestral or SDE sampler",
                () -> SmcRun.start(
                        frozen, toy.objective(), SteeringPlan.svdd(2, 2, 1, ScoringSchedule.from(1, 2)), Key.of(1)));
        try (var run = SmcRun.start(frozen, toy.objective(), SteeringPlan.bestOf(4, 1), Key.of(1))) {
            run.finish();
        }
    }

    private void start(SteeringPlan plan) {
        SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(1)).close();
    }

    private static void refused(String why, org.junit.jupiter.api.function.Executable plan) {
        var e = assertThrows(TillerException.class, plan);
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    // -- listeners

    abstract static class Heard extends ListenerLaws {
        abstract SteeringPlan plan();

        @Override
        protected Run start(RunListener listener) {
            var toy = ExactToy.all().get(0);
            return SmcRun.start(toy.kernel(), toy.objective(), plan(), Key.of(4), MANIFEST, listener);
        }
    }

    @Nested
    class FkIsHeard extends Heard {
        @Override
        SteeringPlan plan() {
            return SteeringPlan.fk(5, 3, ScoringSchedule.from(1, 1))
                    .withResampling(Resampling.always(ResamplingScheme.STRATIFIED));
        }
    }

    @Nested
    class SvddIsHeard extends Heard {
        @Override
        SteeringPlan plan() {
            return SteeringPlan.svdd(2, 2, 3, ScoringSchedule.from(1, 2));
        }
    }
}
