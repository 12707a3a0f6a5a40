// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the authors' traces follow the mathematics ours are the same numbers; where not, the difference is what it says. */
class Reference2025Test {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/fk");

    @AfterEach
    void noBatchIsLeftAlive() {
        assertEquals(0, ToyBatch.alive());
    }

    /** The settled account along the recorded rewards and ancestors of one trace. */
    private static final class Settled {
        final Golden golden;
        final int k;
        final int steps;
        final double lambda;
        final Potential potential;
        final boolean[] evaluated;
        Ledger ledger;

        Settled(String name) {
            golden = Golden.read(GOLDEN.resolve(name));
            var p = golden.meta().path("parameters");
            k = p.path("num_particles").asInt();
            steps = p.path("time_steps").asInt();
            lambda = p.path("lmbda").asDouble();
            potential = switch (p.path("potential_type").asText()) {
                case "diff" -> Potential.DIFFERENCE;
                case "max" -> Potential.MAX;
                default -> Potential.SUM;
            };
            evaluated = new boolean[steps];
            for (int step = 0; step < steps; step++) {
                evaluated[step] = golden.longs("evaluated")[step] == 1;
            }
            // D11: their history begins with reward_min_value, here 0, below which no max falls.
            var account = new Account(0, new RewardPath(-1, 0, 0, 0, 0), Double.NaN);
            ledger = new Ledger(LogWeights.equal(k, 0), Collections.nCopies(k, account));
        }

        double[] row(String tensor, int step) {
            return Arrays.copyOfRange(golden.doubles(tensor), step * k, (step + 1) * k);
        }

        /** Pays a step in; returns what each particle was paid, in nats. */
        double[] pay(int step) {
            var before = ledger.weights().toArray();
            ledger = ledger.paid(step, row("rewards", step), lambda, potential, step == steps - 1);
            return IntStream.range(0, k)
                    .mapToDouble(i -> ledger.weights().get(i) - before[i])
                    .toArray();
        }

        /** Resamples with the trace's ancestors; the weights become equal. */
        void follow(int step) {
            if (golden.longs("resampled")[step] == 1) {
                var from = Arrays.stream(row("indices", step))
                        .mapToInt(i -> (int) i)
                        .toArray();
                ledger = ledger.descend(
                        new Ancestry(from, LogWeights.equal(k, ledger.weights().logMean())));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "diff_always_l0.5",
                "diff_always_l2",
                "diff_always_l10",
                "max_always_l0.5",
                "max_always_l2",
                "max_always_l10",
                "add_always_l0.5",
                "add_always_l2"
            })
    void whereEveryScoringResamplesTheEarlyWeightsAreOurs(String name) {
        var ours = new Settled(name);
        for (int step = 0; step < ours.steps - 1; step++) {
            if (!ours.evaluated[step]) {
                continue;
            }
            var theirs = ours.row("w", step);
            var paid = ours.pay(step);
            for (int i = 0; i < ours.k; i++) {
                assertEquals(Math.log(theirs[i]), paid[i], 1e-5 * Math.max(1, Math.abs(paid[i])), name + " " + step);
            }
            double ess = ours.golden.doubles("ess")[step];
            assertEquals(ess, ours.ledger.weights().ess(), 1e-5 * ess, name + " " + step);
            ours.follow(step);
            // D5: the product of clamped weights is the spent account, as long as nothing was clamped.
            var product = ours.row("product_of_potentials", step);
            for (int i = 0; i < ours.k; i++) {
                double spent = ours.ledger.accounts().get(i).spent();
                assertEquals(Math.log(product[i]), spent, 1e-4, name + " " + step);
            }
        }
        int last = ours.steps - 1;
        var theirs = ours.row("w", last);
        var reward = ours.row("rewards", last);
        var candidate = ours.row("rs_candidates", last);
        var paid = ours.pay(last);
        for (int i = 0; i < ours.k; i++) {
            // D3: their last weight has the history in the place of the final reward; with diff there is none.
            double d3 = ours.lambda * (candidate[i] - reward[i]);
            assertEquals(Math.log(theirs[i]), paid[i] + d3, 2e-4, name);
            assertEquals(ours.lambda * reward[i], ours.ledger.accounts().get(i).spent(), 1e-9);
        }
        if (name.startsWith("max") || name.startsWith("add")) {
            assertTrue(
                    IntStream.range(0, ours.k).anyMatch(i -> Math.abs(candidate[i] - reward[i]) > 0.01),
                    "the trace should show D3");
        }
    }

    @Test
    void d1WeightsThatWereNotResampledAreForgotten() {
        var ours = new Settled("diff_adaptive_l2");
        double worst = 0;
        for (int step = 0; step < ours.steps; step++) {
            if (ours.evaluated[step]) {
                var theirs = ours.row("w", step);
                ours.pay(step);
                ours.follow(step);
                var log = ours.ledger.weights().toArray();
                for (int i = 0; i < ours.k; i++) {
                    // Ours after any step is all that was paid, lambda times the reward; theirs is the last step's
                    // part.
                    assertEquals(ours.lambda * ours.row("rewards", step)[i], log[i], 1e-9);
                    worst = Math.max(worst, Math.abs(log[i] - Math.log(theirs[i])));
                }
            }
        }
        assertTrue(worst > 1, "forgotten, in nats: " + worst);
    }

    @Test
    void d4LargeWeightsTieWhereOursDoNot() {
        var ours = new Settled("edge_clamp_max");
        assertArrayTies(ours.row("w", 0), true);
        assertArrayTies(ours.pay(0), false);
        // And D5, D7: the product overflows, so that at the end all weights are zero and nothing is chosen.
        assertTrue(Arrays.stream(ours.row("w", ours.steps - 1)).allMatch(w -> w == 0));
    }

    private static void assertArrayTies(double[] values, boolean ties) {
        assertEquals(ties, Arrays.stream(values).distinct().count() < values.length, Arrays.toString(values));
    }

    @Test
    void d6AFailedRewardPoisonsTheHistoryWhereOursIsGivenUp() {
        var golden = Golden.read(GOLDEN.resolve("edge_nan_max"));
        var held = golden.doubles("population_rs");
        assertTrue(Double.isNaN(held[11 * 5 + 1]), "particle 1 failed at step 2, and still weighs nothing at the end");
        var ours = new Settled("edge_nan_max");
        ours.pay(2);
        assertEquals(Double.NEGATIVE_INFINITY, ours.ledger.weights().get(1));
        assertTrue(ours.ledger.accounts().stream()
                .noneMatch(a -> Double.isNaN(a.path().best())));
    }

    // -- the mode in a run

    private final ExactToy toy = ExactToy.all().get(2);

    @Test
    void theModeRunsAndIsNotWhatThePaperSays() {
        var plan = SteeringPlan.fk(16, toy.lambda(), ScoringSchedule.from(1, 2))
                .withResampling(Resampling.whenEssBelow(0.5, ResamplingScheme.MULTINOMIAL))
                .withReference2025(true);
        // Their final weights are lost (D1, D2), so that equal ones stand for the target: its mean is what is missed.
        double settled = 0;
        double reference = 0;
        int runs = 400;
        for (int r = 0; r < runs; r++) {
            reference += mean(plan, r) / runs;
            settled += mean(plan.withReference2025(false), r) / runs;
        }
        double target = toy.moments().get(0).expected();
        double base = mean(SteeringPlan.bestOf(20000, 0), 1);
        assertTrue(Math.abs(settled - target) < 0.1 * Math.abs(target - base), settled + " of " + target);
        assertTrue(Math.abs(reference - target) > 0.3 * Math.abs(target - base), reference + " of " + target);
    }

    private double mean(SteeringPlan plan, int seed) {
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(seed))) {
            run.finish();
            var w = run.snapshot().ledger().weights().normalised();
            var x = run.snapshot().population();
            return IntStream.range(0, w.length)
                    .mapToDouble(i -> w[i] * x.get(i))
                    .sum();
        }
    }

    /** D1: where nothing is resampled it counts again from the next step on, and nobody says that it was given up. */
    @Test
    void aFailedRewardCostsOneScoring() {
        var warned = new ArrayList<String>();
        Objective<ToyBatch> objective = (step, x) -> Scores.of(0, step == 1 ? Double.NaN : 0, 0, 0);
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2))
                .withResampling(Resampling.whenEssBelow(0.5, ResamplingScheme.MULTINOMIAL))
                .withReference2025(true);
        var manifest = new RunManifest("toy", 7, Map.of(), List.of(), Map.of(), "cpu");
        try (var run = SmcRun.start(toy.kernel(), objective, plan, Key.of(1), manifest, event -> {
            if (event instanceof RunEvent.Warned warning) {
                warned.add(warning.message());
            }
        })) {
            run.finish();
            assertEquals(LogWeights.equal(4, 0), run.snapshot().ledger().weights());
        }
        assertEquals(List.of("The reward is NaN, no finite number: the particle weighs nothing at this step."), warned);
    }

    @Test
    void whatTheReferenceCannotRunIsRefused() {
        var fk = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2))
                .withResampling(Resampling.always(ResamplingScheme.MULTINOMIAL));
        assertTrue(fk.withReference2025(true).reference2025());
        for (var plan : List.of(
                fk.withPotential(Potential.NONE),
                fk.withResampling(Resampling.always(ResamplingScheme.SSP)),
                fk.withChildren(2),
                fk.withTempering(Tempering.LINEAR),
                fk.withPopulation(Population.of(4).then(2, 2)))) {
            assertThrows(TillerException.class, () -> plan.withReference2025(true));
        }
        assertFalse(fk.reference2025());
    }

    /** Its books keep no weight from step to step, so that a correction would be lost without a word. */
    @Test
    void guidedProposalsAreRefused() {
        var plain = toy.kernel();
        var guided = new Kernel<ToyBatch>() {
            @Override
            public int steps() {
                return plain.steps();
            }

            @Override
            public boolean stochastic() {
                return plain.stochastic();
            }

            @Override
            public ToyBatch start(int n, Key key) {
                return plain.start(n, key);
            }

            @Override
            public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
                var move = plain.move(step, x, key);
                Arrays.fill(move.logCorrection(), 0.1);
                return move;
            }
        };
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2))
                .withResampling(Resampling.always(ResamplingScheme.MULTINOMIAL));
        try (var run = SmcRun.start(guided, toy.objective(), plan, Key.of(1))) {
            run.finish();
        }
        try (var run = SmcRun.start(guided, toy.objective(), plan.withReference2025(true), Key.of(1))) {
            var e = assertThrows(TillerException.class, run::finish);
            assertTrue(e.getMessage().contains("corrections of a guided proposal"), e.getMessage());
        }
    }

    @Test
    void allZeroWeightsFailByNameWhereAncestorsMustBeDrawn() {
        var plan = SteeringPlan.fk(4, 1, ScoringSchedule.from(1, 2))
                .withPotential(Potential.MAX)
                .withResampling(Resampling.always(ResamplingScheme.MULTINOMIAL))
                .withReference2025(true);
        Objective<ToyBatch> failing = (step, x) -> {
            var nan = new double[x.size()];
            Arrays.fill(nan, Double.NaN);
            return Scores.of(nan);
        };
        try (var run = SmcRun.start(toy.kernel(), failing, plan, Key.of(1))) {
            var e = assertThrows(TillerException.class, run::finish);
            assertTrue(e.getMessage().contains("All weights are zero"), e.getMessage());
        }
    }
}
