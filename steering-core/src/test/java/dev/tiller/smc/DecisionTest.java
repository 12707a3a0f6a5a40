// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a person decides in the middle of a run. */
class DecisionTest {
    private static final RunManifest MANIFEST = new RunManifest("", 0, Map.of(), List.of(), Map.of(), "");
    private static final Decision WHOLE = new Decision.Branch(-1, false);

    private final ExactToy toy = ExactToy.all().get(2);

    private SmcRun<ToyBatch> start(SteeringPlan plan, long seed, RunListener... listeners) {
        return SmcRun.start(toy.kernel(), toy.objective(), plan, Key.of(seed), MANIFEST, listeners);
    }

    private static void steps(SmcRun<?> run, int steps) {
        for (int i = 0; i < steps; i++) {
            run.next();
        }
    }

    @Test
    void aBranchInWhichNothingChangesIsTheRunToTheBit() {
        var plans = List.of(
                SteeringPlan.fk(8, 2, ScoringSchedule.from(0, 1)),
                SteeringPlan.svdd(3, 3, 2, ScoringSchedule.from(1, 2)));
        for (var plan : plans) {
            var whole = new ArrayList<String>();
            try (var run = start(plan, 3, event -> whole.add(EventText.of(event)))) {
                run.finish();
            }
            for (int at = 0; at < toy.kernel().steps(); at++) {
                var heard = new ArrayList<String>();
                RunListener listener = event -> {
                    if (!(event instanceof RunEvent.Intervened)) {
                        heard.add(EventText.of(event));
                    }
                };
                try (var parent = start(plan, 3, listener)) {
                    steps(parent, at);
                    try (var branch = SmcRun.resume(
                            parent.snapshot(), toy.kernel(), toy.objective(), plan, Key.of(3), listener)) {
                        branch.decide(WHOLE);
                        branch.finish();
                    }
                    assertEquals(whole, heard, "branched at " + at);
                }
            }
        }
    }

    /** Eight particles that go on as families of four are two families, and not eight with 32 members. */
    @Test
    void aBranchIntoFamiliesKeepsTheNumberOfParticles() {
        var plan = SteeringPlan.svdd(2, 4, 1, ScoringSchedule.from(3, 2));
        try (var parent = start(SteeringPlan.fk(8, 1, ScoringSchedule.from(0, 1)), 5)) {
            steps(parent, 2);
            try (var branch = SmcRun.resume(parent.snapshot(), toy.kernel(), toy.objective(), plan, Key.of(5))) {
                branch.decide(new Decision.Branch(-1, true));
                var sizes = new ArrayList<Integer>();
                branch.forEachRemaining(report -> sizes.add(report.particles()));
                assertEquals(List.of(8, 2, 8, 8), sizes);
            }
        }
    }

    @Test
    void particlesAreKilledClonedAndFavoured() {
        var heard = new ArrayList<RunEvent.Intervened>();
        var plan = SteeringPlan.bestOf(4, 1);
        try (var run = start(plan, 5, event -> {
            if (event instanceof RunEvent.Intervened e) {
                heard.add(e);
            }
        })) {
            steps(run, 2);
            var before = run.snapshot().population().toArray().clone();
            run.decide(new Decision.Kill(List.of(1, 2)));
            assertArrayEquals(
                    new double[] {before[0], before[3]},
                    run.snapshot().population().toArray());
            run.decide(new Decision.Clone(1));
            run.decide(new Decision.Favour(List.of(0, 2), 4));
            assertArrayEquals(
                    new double[] {before[0], before[3], before[3]},
                    run.snapshot().population().toArray());
            assertArrayEquals(
                    new double[] {Math.log(4), 0, Math.log(4)}, heard.get(2).logWeights(), 1e-15);
            assertArrayEquals(new int[] {0, 1, 1}, heard.get(1).ancestors());
            run.finish();
            assertEquals(3, run.order().length);
            assertThrows(TillerException.class, () -> run.decide(WHOLE));
        }
    }

    @Test
    void whatCannotBeIsRefusedAndTheRunIsAsItWas() {
        var heard = new ArrayList<RunEvent>();
        try (var run = start(SteeringPlan.bestOf(2, 1), 5, heard::add)) {
            run.next();
            int events = heard.size();
            refused(run, new Decision.Kill(List.of(0, 1)), "leave no particle");
            refused(run, new Decision.Kill(List.of(2)), "no particle 3; there are 2");
            refused(run, new Decision.Clone(-1), "no particle 0");
            refused(run, new Decision.Favour(List.of(0), 0), "above 0");
            assertEquals(events, heard.size());
            assertEquals(2, run.snapshot().ledger().size());
        }
        try (var run = start(SteeringPlan.svdd(2, 3, 1, new ScoringSchedule(1, 3, 2)), 5)) {
            run.next();
            refused(run, new Decision.Clone(0), "right after a judging");
            run.next();
            run.decide(new Decision.Clone(0));
        }
        try (var run = SmcRun.start(
                new FrozenKernel(4), (s, x) -> Scores.of(x.toArray()), SteeringPlan.bestOf(2, 1), Key.of(1))) {
            refused(run, new Decision.Clone(0), "eta > 0");
        }
    }

    private static void refused(SmcRun<?> run, Decision decision, String why) {
        var e = assertThrows(TillerException.class, () -> run.decide(decision));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    /**
     * All particles go on under another lambda and potential, and nothing of what was spent counts: the estimate of Z of the
     * new target stays unbiased (false alarms below 1e-5), and one that forgets the weights is rejected.
     */
    @Test
    void aBranchUnderAnotherPlanHasTheNewTarget() {
        assertTrue(Math.abs(deviation(true)) < 4.5, "z = " + deviation(true));
        assertTrue(Math.abs(deviation(false)) > 4.5, "the control: z = " + deviation(false));
    }

    private double deviation(boolean right) {
        var before = SteeringPlan.fk(6, 2.5, ScoringSchedule.from(0, 1)).withPotential(Potential.MAX);
        var after = SteeringPlan.fk(6, toy.lambda(), ScoringSchedule.from(0, 1));
        int runs = 4000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < runs; i++) {
            try (var parent = start(before, i)) {
                steps(parent, 3);
                var state = parent.snapshot();
                var given = right
                        ? state
                        : new Snapshot<>(state.step(), state.population(), Ledger.open(6), 1, state.cost());
                try (var branch = SmcRun.resume(given, toy.kernel(), toy.objective(), after, Key.of(i))) {
                    branch.decide(new Decision.Branch(-1, true));
                    branch.finish();
                    double ratio = Math.exp(branch.snapshot().logEvidence() - toy.logZ());
                    sum += ratio;
                    squares += ratio * ratio;
                }
            }
        }
        double mean = sum / runs;
        return (mean - 1) / Math.sqrt((squares / runs - mean * mean) / runs);
    }

    /**
     * A branch from one particle estimates the evidence given that particle: with steering and without, from the same one,
     * the estimates agree (false alarms below 1e-5), and from another they do not.
     */
    @Test
    void aBranchFromOneParticleEstimatesTheEvidenceGivenIt() {
        var plain = evidence(0, SteeringPlan.bestOf(64, toy.lambda()));
        var steered = evidence(0, SteeringPlan.fk(64, toy.lambda(), ScoringSchedule.from(0, 1)));
        var other = evidence(1, SteeringPlan.bestOf(64, toy.lambda()));
        assertTrue(apart(plain, steered) < 4.5, "z = " + apart(plain, steered));
        assertTrue(apart(plain, other) > 4.5, "the control: z = " + apart(plain, other));
    }

    private static double apart(double[] a, double[] b) {
        return Math.abs(a[0] - b[0]) / Math.hypot(a[1], b[1]);
    }

    /** The mean of the estimates, and its standard error. */
    private double[] evidence(int slot, SteeringPlan plan) {
        int runs = 300;
        double sum = 0;
        double squares = 0;
        try (var parent = start(SteeringPlan.bestOf(4, 1), 77)) {
            steps(parent, 3);
            for (int i = 0; i < runs; i++) {
                try (var branch =
                        SmcRun.resume(parent.snapshot(), toy.kernel(), toy.objective(), plan, Key.of(1000 + i))) {
                    branch.decide(new Decision.Branch(slot, true));
                    branch.finish();
                    double z = Math.exp(branch.snapshot().logEvidence());
                    sum += z;
                    squares += z * z;
                }
            }
        }
        double mean = sum / runs;
        return new double[] {mean, Math.sqrt((squares / runs - mean * mean) / runs)};
    }

    @Test
    void aDecisionIsALineAndBack() {
        var lines = List.of(
                "kill 3,5",
                "clone 2",
                "favour 1,4 2.5",
                "reweigh 0.7 clip; 0.3 judge(url=http://x/v1, model=m)",
                "branch 3",
                "branch anew",
                "branch");
        for (var line : lines) {
            assertEquals(line, Decision.parse(line).text());
            assertEquals("15 " + line, Decision.At.parse(" 15  " + line).text());
        }
        assertEquals(new Decision.Kill(List.of(2, 4)), Decision.parse("kill 3,5"));
        for (var bad : List.of("kill", "kill 0", "kill x", "favour 1", "murder 1", "", "reweigh clip")) {
            var e = assertThrows(TillerException.class, () -> Decision.parse(bad));
            assertTrue(e.getMessage().contains("is no decision"), e.getMessage());
        }
        assertThrows(TillerException.class, () -> Decision.At.parse("kill 3"));
    }
}
