// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each method's step against its paper's formula, written out in ᾱ as there; and what is exact. */
class GuidanceSettingsTest {
    private static final Mixture DATA =
            new Mixture(new double[] {0.5, 0.5}, new double[][] {{-1, 0.5}, {1.5, 0}}, new double[] {0.3, 0.2});
    private static final double[] X = {0.4, -0.7};
    private static final double[] Y = {1.2, 0.6};
    private static final Key KEY = Key.of(5);
    private static final int STEP = 3;

    private final ToySampler sampler = ToySampler.cosine(DATA, 1, 10);
    private final Level from = sampler.stages().get(STEP).from();
    private final double a = from.alpha() * from.alpha();
    private final double next = Math.pow(sampler.stages().get(STEP).to().alpha(), 2);
    private final double[] clean = DATA.clean(from, X);

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    /** −‖y − x‖². */
    private static GradedObjective<ToyVectors> distance() {
        return new GradedObjective<>() {
            @Override
            public Scores score(ToyVectors x) {
                return Scores.of(IntStream.range(0, x.size())
                        .mapToDouble(i -> -square(x.row(i)))
                        .toArray());
            }

            @Override
            public Graded<ToyVectors> grade(ToyVectors x) {
                return new Graded<>(
                        score(x),
                        ToyVectors.of(IntStream.range(0, x.size())
                                .mapToObj(i -> uphill(x.row(i)))
                                .toArray(double[][]::new)));
            }
        };
    }

    private static double square(double[] x) {
        return Math.pow(x[0] - Y[0], 2) + Math.pow(x[1] - Y[1], 2);
    }

    private static double[] uphill(double[] x) {
        return new double[] {2 * (Y[0] - x[0]), 2 * (Y[1] - x[1])};
    }

    private double[] moved(GuidanceSettings settings) {
        return moved(sampler, settings);
    }

    private static double[] moved(ToySampler sampler, GuidanceSettings settings) {
        var kernel = GuidedKernel.sampler(sampler, new RewardGuidance<>(distance(), settings));
        try (var x = ToyVectors.of(X.clone());
                var move = kernel.move(STEP, x, KEY)) {
            return move.next().row(0).clone();
        }
    }

    private static double[] plain(ToySampler sampler) {
        try (var x = ToyVectors.of(X.clone());
                var move = sampler.move(STEP, x, KEY)) {
            return move.next().row(0).clone();
        }
    }

    private static double[] axpy(double[] x, double factor, double[] y) {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> x[i] + factor * y[i])
                .toArray();
    }

    /** Algorithm 1 of DPS: x' − ζ/‖y − x̂₀‖ ∇‖y − x̂₀‖². */
    @Test
    void dps() {
        var gradient = DATA.pull(from, X, uphill(clean));
        var expected = axpy(plain(sampler), 0.4 / Math.sqrt(square(clean)), gradient);
        assertArrayEquals(expected, moved(GuidanceSettings.DPS.withStrength(0.4)), 1e-12);
        var positive = new RewardGuidance<>(ToySampler.quadratic(new double[] {9, 9}, 0), GuidanceSettings.DPS);
        var e = assertThrows(TillerException.class, () -> {
            try (var x = ToyVectors.of(new double[] {5, 5})) {
                GuidedKernel.sampler(sampler, positive).move(STEP, x, KEY).close();
            }
        });
        assertTrue(e.getMessage().contains("minus a squared distance"), e.getMessage());
    }

    /** FreeDoM's code: ρ = 0.02 c₁ √((1 − ᾱ)/ᾱ) rms(ε) / rms(g). */
    @Test
    void freedom() {
        var gradient = DATA.pull(from, X, uphill(clean));
        var eps = axpy(X, -Math.sqrt(a), clean);
        double rmsEps = Math.hypot(eps[0], eps[1]) / Math.sqrt(1 - a) / Math.sqrt(2);
        double rmsG = Math.hypot(gradient[0], gradient[1]) / Math.sqrt(2);
        double c1 = Math.sqrt(next) * (1 - a / next) / (1 - a);
        double rho = 0.02 * rmsEps * Math.sqrt(1 - a) / Math.sqrt(a) * c1 / rmsG;
        assertArrayEquals(
                axpy(plain(sampler), rho, gradient),
                moved(GuidanceSettings.FREEDOM.withRecurrence(1, Window.ALL)),
                1e-12);
    }

    /** Universal Guidance, algorithm 1: ε̂ = ε − s √(1 − ᾱ) ∇ − √(ᾱ/(1 − ᾱ)) Δ₀, then the sampler's own step. */
    @Test
    void universal() {
        var quiet = ToySampler.cosine(DATA, 0, 10);
        var gradient = DATA.pull(from, X, uphill(clean));
        var shift = uphill(clean);
        var eps = axpy(X, -Math.sqrt(a), clean);
        eps = axpy(new double[2], 1 / Math.sqrt(1 - a), eps);
        eps = axpy(eps, -0.7 * Math.sqrt(1 - a), gradient);
        eps = axpy(eps, -Math.sqrt(a / (1 - a)) * 0.1, shift);
        var x0 = axpy(new double[2], 1 / Math.sqrt(a), axpy(X, -Math.sqrt(1 - a), eps));
        var expected = axpy(axpy(new double[2], Math.sqrt(next), x0), Math.sqrt(1 - next), eps);
        assertArrayEquals(
                expected,
                moved(
                        quiet,
                        GuidanceSettings.UNIVERSAL
                                .withStrength(0.7)
                                .withRecurrence(1, Window.ALL)
                                .withClean(0.1, Schedule.CONSTANT, 1)),
                1e-12);
    }

    /** TFG, algorithm 1: x' + ρ_t ∇/√α_t + √ᾱ_(t-1) Δ₀, with increasing ρ_t and μ_t. */
    @Test
    void tfg() {
        var ratios = sampler.stages().stream()
                .mapToDouble(s -> Math.pow(s.from().alpha() / s.to().alpha(), 2))
                .toArray();
        double increase = ratios[STEP] / Arrays.stream(ratios).average().orElseThrow();
        var gradient = DATA.pull(from, X, uphill(clean));
        var x0 = clean;
        for (int i = 0; i < 4; i++) {
            x0 = axpy(x0, 0.05 * increase, uphill(x0));
        }
        var expected = axpy(plain(sampler), 0.3 * increase / Math.sqrt(a / next), gradient);
        expected = axpy(expected, Math.sqrt(next), axpy(x0, -1, clean));
        var settings = GuidanceSettings.TFG
                .withStrength(0.3)
                .withClean(0.05, Schedule.INCREASE, 4)
                .withSmoothing(0, 1);
        assertArrayEquals(expected, moved(settings), 1e-12);
        double mean = IntStream.range(0, 10)
                .mapToDouble(i -> Schedule.DECREASE.at(i, sampler.stages()))
                .average()
                .orElseThrow();
        assertEquals(1, mean, 1e-12);
    }

    /**
     * TFG's f~ is the mean of exp r under noise, not r's: of −‖y − x‖² with noise of variance s² its logarithm is
     * −‖y − x‖²/(1 + 2 s²) and a constant, which many draws come near to.
     */
    @Test
    void smoothingTakesTheRewardUnderNoise() {
        var settings = GuidanceSettings.of(StepRule.SCALED, 0.3);
        double s = 0.5 * from.sigma();
        var smooth = moved(settings.withStrength(0.3 / (1 + 2 * s * s)));
        var one = moved(settings.withSmoothing(0.5, 1));
        var many = moved(settings.withSmoothing(0.5, 4000));
        double unsmoothed = apart(moved(settings), smooth);
        assertTrue(unsmoothed > 0.05, "no smoothing: " + unsmoothed);
        assertTrue(apart(one, smooth) > 0.02, "one draw: " + apart(one, smooth));
        assertTrue(apart(many, smooth) < 0.02, "many draws: " + apart(many, smooth));
    }

    private static double apart(double[] x, double[] y) {
        return Math.hypot(x[0] - y[0], x[1] - y[1]);
    }

    /** The mean of the guided law: mean + s² g (DAS, and Dhariwal and Nichol's algorithm 1). */
    @Test
    void das() {
        var gradient = DATA.pull(from, X, uphill(clean));
        double variance = (1 - next) / (1 - a) * (1 - a / next);
        assertArrayEquals(
                axpy(plain(sampler), 1.3 * variance, gradient), moved(GuidanceSettings.DAS.withStrength(1.3)), 1e-12);
    }

    /**
     * Data N(m, v), a measurement y of variance τ². The reward log N(y; x₀, τ²) at the predicted clean sample is steeper than
     * log p(y | x_t) by 1 + V_t/τ², V_t = Var(x₀ | x_t); with the strength that takes this back, samples follow the posterior.
     * The sampler is then affine, so its law follows from two samples.
     */
    @Test
    void withTheExactStrengthTheLinearGaussianPosteriorIsMet() {
        double m = 0.5;
        double v = 0.8;
        double y = 2;
        double tau2 = 0.3;
        var data = Mixture.gaussian(v, m);
        var reward = ToySampler.quadratic(new double[] {y / tau2}, 1 / tau2);
        Schedule exact = (step, stages) -> {
            var level = stages.get(step).from();
            double spread = level.alpha() * level.alpha() * v + level.sigma() * level.sigma();
            return tau2 / (tau2 + v * level.sigma() * level.sigma() / spread);
        };
        double posteriorVariance = 1 / (1 / v + 1 / tau2);
        double posteriorMean = posteriorVariance * (m / v + y / tau2);
        var settings = GuidanceSettings.of(StepRule.SCORE, 1);
        var right = meanAndVariance(data, reward, settings.withStrengthSchedule(exact), 1000);
        var coarse = meanAndVariance(data, reward, settings.withStrengthSchedule(exact), 100);
        assertEquals(posteriorMean, right[0], 0.01);
        assertEquals(posteriorVariance, right[1], 0.01);
        assertTrue(Math.abs(right[1] - posteriorVariance) < Math.abs(coarse[1] - posteriorVariance) / 5);
        // Control: DPS's gradient as it is.
        var steep = meanAndVariance(data, reward, settings, 1000);
        assertTrue(Math.abs(steep[1] - posteriorVariance) > 0.05, "variance " + steep[1]);
    }

    private static double[] meanAndVariance(
            Mixture data, GradedObjective<ToyVectors> reward, GuidanceSettings settings, int steps) {
        var kernel = GuidedKernel.sampler(ToySampler.flow(data, 0, steps), new RewardGuidance<>(reward, settings));
        var x = ToyVectors.column(0, 1);
        for (int step = 0; step < steps; step++) {
            try (var before = x;
                    var move = kernel.move(step, before, KEY)) {
                x = move.next().copy();
            }
        }
        try (var end = x) {
            double at = end.row(0)[0];
            return new double[] {at, Math.pow(end.row(1)[0] - at, 2)};
        }
    }

    /** Renoising inverts a move in law, so recurrence without a push changes nothing; Gaussian data, ancestral, exact law. */
    @Test
    void recurrenceAloneKeepsTheLaw() {
        int n = 40_000;
        var data = Mixture.gaussian(0.5, 0.3);
        var fine = ToySampler.cosine(data, 1, 200);
        var level = fine.stages().get(100).from();
        double sd = Math.sqrt(level.alpha() * level.alpha() * 0.5 + level.sigma() * level.sigma());
        var to = fine.stages().get(100).to();
        double expected = to.alpha() * to.alpha() * 0.5 + to.sigma() * to.sigma();
        var guide = new RewardGuidance<>(
                distance1(), GuidanceSettings.of(StepRule.SCORE, 0).withRecurrence(5, Window.ALL));
        try (var noise = fine.noise(n, Key.of(8));
                var scaled = noise.times(sd);
                var x = scaled.plus(level.alpha() * 0.3);
                var move = GuidedKernel.sampler(fine, guide).move(100, x, Key.of(9))) {
            double mean = Arrays.stream(move.next().column(0)).average().orElseThrow();
            double variance = Arrays.stream(move.next().column(0))
                    .map(v -> (v - mean) * (v - mean))
                    .average()
                    .orElseThrow();
            // Five standard errors (false alarm 6e-7), and the error of one step of 200.
            assertEquals(expected, variance, 5 * expected * Math.sqrt(2.0 / n) + 0.002);
            assertEquals(to.alpha() * 0.3, mean, 5 * Math.sqrt(expected / n) + 0.001);
        }
    }

    private static GradedObjective<ToyVectors> distance1() {
        return ToySampler.quadratic(new double[] {1}, 0);
    }

    /** The same noises, guided and not. */
    @ParameterizedTest
    @ValueSource(strings = {"dps", "freedom", "universal", "tfg", "tds", "das"})
    void everyMethodRaisesTheReward(String name) {
        var settings = GuidanceSettings.named(name);
        double strength = name.equals("universal") ? 0.5 : name.equals("dps") ? 0.2 : settings.strength();
        var guide = new RewardGuidance<>(distance(), settings.withStrength(strength));
        assertTrue(mean(GuidedKernel.sampler(sampler, guide)) > mean(sampler) + 0.05, name);
    }

    private static double mean(dev.tiller.smc.Kernel<ToyVectors> kernel) {
        try (var run = SmcRun.start(kernel, (step, x) -> distance().score(x), SteeringPlan.bestOf(200, 1), Key.of(4))) {
            run.finish();
            return Arrays.stream(run.snapshot().ledger().rewards()).average().orElseThrow();
        }
    }

    @Test
    void guidanceOfStrengthZeroIsTheSampler() {
        assertArrayEquals(plain(sampler), moved(GuidanceSettings.of(StepRule.SCORE, 0)));
        var outside = GuidanceSettings.TFG.withWindow(new Window(0.5, 0.9));
        assertArrayEquals(plain(sampler), moved(outside), "step 3 of 10 is not guided");
    }

    @Test
    void aLongGradientIsCut() {
        var gradient = DATA.pull(from, X, uphill(clean));
        double norm = Math.hypot(gradient[0], gradient[1]);
        var settings = GuidanceSettings.of(StepRule.SCALED, 1);
        assertArrayEquals(moved(settings.withStrength(0.25)), moved(settings.withMaxNorm(norm / 4)), 1e-12);
    }

    /** A gradient that is no number: that particle goes on unguided and is given up, the others know nothing of it. */
    @Test
    void aParticleWithoutAGradientIsGivenUp() {
        GradedObjective<ToyVectors> broken = new GradedObjective<>() {
            @Override
            public Scores score(ToyVectors x) {
                return distance().score(x);
            }

            @Override
            public Graded<ToyVectors> grade(ToyVectors x) {
                var graded = distance().grade(x);
                if (x.size() > 1) {
                    graded.gradient().row(1)[0] = Double.NaN;
                }
                return graded;
            }
        };
        for (var settings : List.of(
                GuidanceSettings.TDS, GuidanceSettings.TFG, GuidanceSettings.FREEDOM.withRecurrence(2, Window.ALL))) {
            var kernel = GuidedKernel.sampler(sampler, new RewardGuidance<>(broken, settings));
            try (var x = ToyVectors.of(X.clone(), X.clone(), X.clone());
                    var alone = ToyVectors.of(X.clone());
                    var move = kernel.move(STEP, x, KEY);
                    var one = kernel.move(STEP, alone, KEY);
                    var unguided = sampler.move(STEP, x, KEY)) {
                assertArrayEquals(one.next().row(0), move.next().row(0), 1e-12);
                assertArrayEquals(new double[] {0, Double.NEGATIVE_INFINITY, 0}, move.logCorrection());
                if (settings.recurrence().rounds() == 1) {
                    assertArrayEquals(unguided.next().row(1), move.next().row(1), 1e-12);
                }
                assertTrue(Double.isFinite(move.next().row(1)[0]));
            }
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        var of = GuidanceSettings.of(StepRule.SCORE, 1);
        assertThrows(TillerException.class, () -> of.withStrength(-1));
        assertThrows(TillerException.class, () -> of.withStrength(Double.NaN));
        assertThrows(TillerException.class, () -> of.withRecurrence(0, Window.ALL));
        assertThrows(TillerException.class, () -> of.withSmoothing(0.1, 0));
        assertThrows(TillerException.class, () -> of.withMaxNorm(0));
        assertThrows(TillerException.class, () -> new Window(0.5, 0.2));
        var e = assertThrows(TillerException.class, () -> GuidanceSettings.named("magic"));
        assertTrue(e.getMessage().contains("das, dps, freedom, tds, tfg, universal"), e.getMessage());
    }
}
