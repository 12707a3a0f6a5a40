// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * On the line a flow without noise keeps the order of its samples: the sample that starts at the u-quantile of the noise must
 * end at the u-quantile of the target. Nothing here is drawn, so nothing is a false alarm.
 */
class FlowGuidanceTest {
    private static final Mixture DATA =
            Mixture.line(new double[] {0.6, 0.4}, new double[] {-1.2, 1.4}, new double[] {0.25, 0.16});
    private static final double[] B = {0.9};
    private static final double C = 0.5;
    private static final int QUANTILES = 199;

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    private static FlowGuidance<ToyVectors> guide(NoiseAwareReward<ToyVectors> reward) {
        return new FlowGuidance<>(Map.of("r", reward), new FlowGuidance.Settings(1, 1, 0, 1e6));
    }

    /** The largest distance between the samples' distribution and the target's. */
    private static double distance(ToySampler flow, Guide<ToyVectors> guide, Mixture target) {
        var kernel = GuidedKernel.sampler(flow, guide);
        var u = IntStream.rangeClosed(1, QUANTILES)
                .mapToDouble(i -> i / (QUANTILES + 1.0))
                .toArray();
        var normal = new NormalDistribution();
        var x = ToyVectors.column(IntStream.range(0, u.length)
                .mapToDouble(i -> normal.inverseCumulativeProbability(u[i]))
                .toArray());
        for (int step = 0; step < kernel.steps(); step++) {
            try (var before = x;
                    var move = kernel.move(step, before, Key.of(1))) {
                x = move.next().copy();
            }
        }
        double worst = 0;
        for (int i = 0; i < u.length; i++) {
            worst = Math.max(worst, Math.abs(target.cumulative(x.row(i)[0]) - u[i]));
        }
        x.close();
        return worst;
    }

    @Test
    void withTheExactNoiseAwareRewardSamplesFollowTheTilt() {
        var target = DATA.tilted(B, C);
        double coarse = distance(ToySampler.flow(DATA, 0, 50), guide(ToySampler.exact(DATA, B, C)), target);
        double fine = distance(ToySampler.flow(DATA, 0, 800), guide(ToySampler.exact(DATA, B, C)), target);
        assertTrue(fine < 0.01, "off by " + fine);
        assertTrue(fine < coarse / 6, coarse + " then " + fine);
    }

    /** The controls: the clean reward at x_t, and the fallback at the predicted clean sample, are no substitutes. */
    @Test
    void withTheCleanRewardTheyDoNot() {
        var target = DATA.tilted(B, C);
        var flow = ToySampler.flow(DATA, 0, 800);
        var clean = ToySampler.quadratic(B, C);
        double atNoisy = distance(flow, guide((level, x, look) -> clean.grade(x)), target);
        double fallback = distance(flow, guide(NoiseAwareReward.atPredictedClean(clean)), target);
        assertTrue(atNoisy > 0.03, "off by " + atNoisy + " only");
        assertTrue(fallback > 0.03, "off by " + fallback + " only");
    }

    /** What the default clamp, for learned rewards, costs an exact one here. */
    @Test
    void theClampHasAPrice() {
        var clamped = new FlowGuidance<>(Map.of("r", ToySampler.exact(DATA, B, C)), FlowGuidance.Settings.DEFAULT);
        double off = distance(ToySampler.flow(DATA, 0, 800), clamped, DATA.tilted(B, C));
        assertEquals(0.024, off, 0.003);
    }

    @Test
    void withoutGuidanceTheyFollowTheData() {
        var none =
                new FlowGuidance<>(Map.of("r", ToySampler.exact(DATA, B, C)), new FlowGuidance.Settings(0, 1, 0, 10));
        assertTrue(distance(ToySampler.flow(DATA, 0, 800), none, DATA) < 0.01);
    }

    /** The exact reward of a variance preserving path, in the same form. */
    @Test
    void anyGaussianPathWillDo() {
        var path = ToySampler.of(
                DATA,
                0,
                IntStream.rangeClosed(0, 800)
                        .mapToObj(i -> {
                            double angle = Math.PI / 2 * (800 - i) / 800;
                            return i == 0 ? new Level(0, 1) : new Level(Math.cos(angle), Math.sin(angle));
                        })
                        .toArray(Level[]::new));
        double off = distance(path, guide(ToySampler.exact(DATA, B, C)), DATA.tilted(B, C));
        assertTrue(off < 0.01, "off by " + off);
    }

    /** ṽ = v − w t/(1 − t) ∇r, from the move of one step. */
    @Test
    void theVelocityMovesAsWritten() {
        var flow = ToySampler.flow(DATA, 0, 10);
        var reward = ToySampler.exact(DATA, B, C);
        var guide = new FlowGuidance<>(Map.of("r", reward), new FlowGuidance.Settings(0.7, 1, 0, 100));
        guide.setWeight("r", 1.5);
        try (var x = ToyVectors.column(-0.4, 0.9);
                var plain = flow.move(4, x, Key.of(1));
                var guided = GuidedKernel.sampler(flow, guide).move(4, x, Key.of(1));
                var look = flow.look(4, x, false);
                var graded = reward.grade(Level.flow(0.6), x, look)) {
            for (int i = 0; i < 2; i++) {
                // x' = x − h v with h = 0.1.
                double v = (x.row(i)[0] - plain.next().row(i)[0]) / 0.1;
                double tilted = (x.row(i)[0] - guided.next().row(i)[0]) / 0.1;
                assertEquals(v - 0.7 * 1.5 * 0.6 / 0.4 * graded.gradient().row(i)[0], tilted, 1e-12);
            }
        }
    }

    @Test
    void rewardsAddUpWithWeightsThatMayChange() {
        var flow = ToySampler.flow(DATA, 0, 10);
        var up = ToySampler.exact(DATA, new double[] {1}, 0);
        var down = ToySampler.exact(DATA, new double[] {-1}, 0.4);
        var guide = new FlowGuidance<>(Map.of("up", up, "down", down), FlowGuidance.Settings.DEFAULT);
        var kernel = GuidedKernel.sampler(flow, guide);
        double plain = moved(flow, null);
        double both = moved(flow, kernel) - plain;
        guide.setWeight("down", 0);
        double one = moved(flow, kernel) - plain;
        guide.setWeight("down", 1);
        guide.setWeight("up", 0);
        assertEquals(both, one + moved(flow, kernel) - plain, 1e-12);
        guide.setWeight("down", 0);
        assertEquals(plain, moved(flow, kernel), 1e-15);
        assertEquals(Map.of("up", 0.0, "down", 0.0), guide.weights());
        var unknown = assertThrows(TillerException.class, () -> guide.setWeight("sideways", 1));
        assertTrue(unknown.getMessage().contains("there are down, up"), unknown.getMessage());
        assertThrows(TillerException.class, () -> guide.setWeight("up", Double.NaN));
    }

    private static double moved(ToySampler flow, GuidedKernel<ToyVectors> kernel) {
        try (var x = ToyVectors.column(0.3);
                var move = kernel == null ? flow.move(5, x, Key.of(1)) : kernel.move(5, x, Key.of(1))) {
            return move.next().row(0)[0];
        }
    }

    @Test
    void windowAndClampHold() {
        var flow = ToySampler.flow(DATA, 0, 10);
        var guide = new FlowGuidance<>(
                Map.of("r", ToySampler.exact(DATA, B, C)), new FlowGuidance.Settings(1, 0.81, 0.25, 2));
        var guided = IntStream.range(0, 10)
                .filter(s -> guide.rounds(s, flow.stages()) > 0)
                .toArray();
        assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, guided, "t = 0.8 to 0.3");
        NoiseAwareReward<ToyVectors> slope =
                (level, x, look) -> ToySampler.quadratic(new double[] {1}, 0).grade(x);
        var clamped = new FlowGuidance<>(Map.of("r", slope), new FlowGuidance.Settings(1, 1, 0, 2));
        try (var x = ToyVectors.column(0.1);
                var look = flow.look(0, x, false);
                var push = clamped.push(flow, 0, x, look, Key.of(1))) {
            assertEquals(2, push.clean().row(0)[0], 1e-15, "t/(1 - t) is infinite at t = 1, cut to 2");
        }
        for (var wrong : new double[][] {{-1, 1, 0, 1}, {1, 0.2, 0.4, 1}, {1, 1, 0, 0}, {1, 2, 0, 1}}) {
            assertThrows(
                    TillerException.class, () -> new FlowGuidance.Settings(wrong[0], wrong[1], wrong[2], wrong[3]));
        }
        assertThrows(
                TillerException.class, () -> new FlowGuidance<ToyVectors>(Map.of(), FlowGuidance.Settings.DEFAULT));
    }
}
