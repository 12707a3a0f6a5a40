// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Data of N(0, S²): the exact network is linear, so the law of a plan is Gaussian and its variance follows from the
 * coefficients alone. It must approach that of the data as the steps become fine, and samples must have it.
 */
class GaussianLawTest {
    private static final double S = 0.6;
    private static final List<Combination> INGREDIENTS = List.of(
            Combination.SAMPLE,
            Combination.OUTPUT,
            Combination.CLEAN,
            Combination.NOISE,
            Combination.memory(0),
            Combination.memory(1),
            Combination.memory(2),
            Combination.memory(3));

    /** E[output | x] / x. */
    private static double slope(Step step, String prediction) {
        double total = step.alpha() * step.alpha() * S * S + step.sigma() * step.sigma();
        double clean = step.alpha() * S * S / total;
        double noise = step.sigma() / total;
        return switch (prediction) {
            case "epsilon" -> noise;
            case "sample" -> clean;
            case "flow" -> noise - clean;
            default -> (step.alpha() * noise - step.sigma() * clean) / Math.hypot(step.alpha(), step.sigma());
        };
    }

    /** A combination as a row over the state (x, memory 0..3) and fresh noise. */
    private static double[] row(Combination combination, Step step, double slope) {
        var clean = step.clean();
        var row = new double[6];
        row[0] = combination.of(Combination.SAMPLE)
                + combination.of(Combination.OUTPUT) * slope
                + combination.of(Combination.CLEAN)
                        * (clean.of(Combination.SAMPLE) + clean.of(Combination.OUTPUT) * slope);
        for (int k = 0; k < 4; k++) {
            row[1 + k] = combination.of(INGREDIENTS.get(4 + k));
        }
        row[5] = combination.of(Combination.NOISE);
        return row;
    }

    /** The variance of the last sample: state covariance C ← A C Aᵀ, where the last coordinate is fresh noise. */
    private static double finalVariance(Scheduler plan, String prediction) {
        var covariance = new double[6][6];
        covariance[0][0] = plan.initialNoiseScale() * plan.initialNoiseScale();
        for (var step : plan.steps()) {
            double slope = slope(step, prediction);
            var a = new double[6][6];
            a[0] = row(step.next(), step, slope);
            for (int k = 0; k < step.memory().size(); k++) {
                a[1 + k] = row(step.memory().get(k), step, slope);
            }
            Arrays.fill(covariance[5], 0);
            for (var r : covariance) {
                r[5] = 0;
            }
            covariance[5][5] = 1;
            covariance = multiply(multiply(a, covariance), transposed(a));
        }
        return covariance[0][0];
    }

    private static double[][] multiply(double[][] a, double[][] b) {
        var c = new double[6][6];
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                for (int k = 0; k < 6; k++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }

    private static double[][] transposed(double[][] a) {
        var t = new double[6][6];
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                t[i][j] = a[j][i];
            }
        }
        return t;
    }

    private static SchedulerConfig config(String name, String prediction) {
        return SchedulerConfig.of(SchedulerConfigTest.SD15
                        .with("prediction_type", prediction)
                        .with("timestep_spacing", "trailing"))
                .withSolver(name);
    }

    @ParameterizedTest
    @CsvSource({
        "ddim, epsilon",
        "ddim, v_prediction",
        "ddim, sample",
        "ddpm, epsilon",
        "ddpm, v_prediction",
        "ddpm, sample",
        "euler, epsilon",
        "euler, v_prediction",
        "euler, sample",
        "euler-a, epsilon",
        "euler-a, v_prediction",
        "dpmpp-2m, epsilon",
        "dpmpp-2m, v_prediction",
        "dpmpp-2m-sde, epsilon",
        "dpmpp-2m-sde, v_prediction",
        "dpmpp-2m-sde-karras, epsilon",
        "unipc, epsilon",
        "unipc, v_prediction",
        "pndm, epsilon",
        "pndm, v_prediction",
        "flow, epsilon",
        "flow, v_prediction",
        "flow, sample"
    })
    void varianceApproachesTheDatas(String name, String prediction) {
        var config = config(name, prediction);
        double coarse = Math.abs(finalVariance(config.plan(25), prediction) / (S * S) - 1);
        double fine = Math.abs(finalVariance(config.plan(500), prediction) / (S * S) - 1);
        assertTrue(fine < 0.03, name + ": variance off by " + fine);
        assertTrue(fine < coarse / 4, name + ": " + coarse + " then " + fine);
    }

    @ParameterizedTest
    @CsvSource({"0.5", "1"})
    void ddimsVarianceHoldsForEveryEta(double eta) {
        var plan = config("ddim", "epsilon").plan(500, eta);
        assertEquals(1, finalVariance(plan, "epsilon") / (S * S), 0.03);
    }

    /** A flow's own network, and one of noise that runs as a flow; η = 0 is the flow without noise. */
    @ParameterizedTest
    @CsvSource({"0", "0.5", "1"})
    void aFlowsVarianceHoldsForEveryEta(double eta) {
        var own = SchedulerConfig.of(ModelConfig.of(
                "scheduler_config.json", "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 3.0}"));
        assertEquals(1, finalVariance(own.plan(500, eta), "flow") / (S * S), 0.03);
        assertEquals(1, finalVariance(config("flow", "epsilon").plan(500, eta), "epsilon") / (S * S), 0.03);
        assertEquals(eta > 0, own.plan(10, eta).stochastic());
    }

    @Test
    void tooMuchNoiseForAFlowIsRefused() {
        var e = assertThrows(
                TillerException.class, () -> config("flow", "epsilon").plan(10, 3));
        assertTrue(e.getMessage().contains("eta from 0 to 1"), e.getMessage());
    }

    /**
     * Data 0.6 N(-1, 0.2) + 0.4 N(0.8, 0.1) under the exact network of noise: on the line the quantiles of the noise end at
     * those of the data, by the diffusion's own sampler and as a flow.
     */
    @Test
    void aDiffusionAsAFlowHasTheMarginalsOfItsOwnSampler() {
        double own = distance(config("ddim", "epsilon").plan(500, 0), 1);
        double flow = distance(config("flow", "epsilon").plan(500, 0), 1);
        assertTrue(own < 0.012, "ddim off by " + own);
        assertTrue(flow < 0.012, "flow off by " + flow);
        // Control: the network is shown the flow's sample without its change of scale.
        double unscaled = distance(config("flow", "epsilon").plan(500, 0), 0);
        assertTrue(unscaled > 0.05, "unscaled passed, " + unscaled);
    }

    private static final double[][] MIXTURE = {{0.6, -1, 0.2}, {0.4, 0.8, 0.1}};

    /** The largest distance of the samples' distribution from the data's; the network sees x times inputScale^power. */
    private static double distance(Scheduler plan, int power) {
        var normal = new NormalDistribution();
        double[] u = IntStream.rangeClosed(1, 99).mapToDouble(i -> i / 100.0).toArray();
        try (var scope = Scope.open()) {
            var noise = Tensor.of(
                    Arrays.stream(u).map(normal::inverseCumulativeProbability).toArray(), 99, 1, 1, 1);
            var x = plan.start(noise);
            for (int i = 0; i < plan.steps().size(); i++) {
                var step = plan.step(i);
                double seen = Math.pow(step.inputScale(), power);
                // The network knows its own path, α² + σ² = 1, at the timestep it is told.
                double length = Math.hypot(step.alpha(), step.sigma());
                double[] output = Arrays.stream(x.sample().toDoubles())
                        .map(v -> noise(step.alpha() / length, step.sigma() / length, v * seen))
                        .toArray();
                x = plan.advance(i, x, Tensor.of(output, 99, 1, 1, 1), null).next();
            }
            double[] end = x.sample().toDoubles();
            return IntStream.range(0, 99)
                    .mapToDouble(i -> Math.abs(u[i]
                            - Arrays.stream(MIXTURE)
                                    .mapToDouble(
                                            m -> m[0] * normal.cumulativeProbability((end[i] - m[1]) / Math.sqrt(m[2])))
                                    .sum()))
                    .max()
                    .orElseThrow();
        }
    }

    /** E[n | x] of the mixture at x = α x₀ + σ n. */
    private static double noise(double alpha, double sigma, double x) {
        double total = 0;
        double sum = 0;
        for (var m : MIXTURE) {
            double spread = alpha * alpha * m[2] + sigma * sigma;
            double off = x - alpha * m[1];
            double w = m[0] * Math.exp(-off * off / (2 * spread)) / Math.sqrt(spread);
            total += w;
            sum += w * sigma * off / spread;
        }
        return sum / total;
    }

    private static final int SAMPLES = 40_000;
    /** Two-sided normal quantile of a false-alarm rate of 1e-6. */
    private static final double Z = 4.9;

    /** The normal score of the samples' variance against the law's. */
    private static double score(Scheduler plan, double noiseScale) {
        var random = new SplittableRandom(20261124);
        try (var scope = Scope.open()) {
            var x = plan.start(scope.adopt(gaussian(random, 1)));
            for (int i = 0; i < plan.steps().size(); i++) {
                try (var inner = Scope.open()) {
                    var output = x.sample().times(slope(plan.step(i), "epsilon"));
                    var move = plan.advance(i, x, output, gaussian(random, noiseScale));
                    inner.keep(move.next().sample());
                    move.next().memory().forEach(inner::keep);
                    x.close();
                    x = move.next();
                }
            }
            double[] samples = x.sample().toDoubles();
            double variance = Arrays.stream(samples).map(v -> v * v).sum() / SAMPLES;
            return (variance / finalVariance(plan, "epsilon") - 1) / Math.sqrt(2.0 / SAMPLES);
        }
    }

    private static Tensor gaussian(SplittableRandom random, double scale) {
        var values = new double[SAMPLES];
        Arrays.setAll(values, i -> scale * random.nextGaussian());
        return Tensor.of(values, SAMPLES, 1, 1, 1);
    }

    @ParameterizedTest
    @CsvSource({"ddim", "ddpm", "euler-a", "dpmpp-2m-sde", "flow"})
    void samplesHaveTheLawsVariance(String name) {
        var config = config(name, "epsilon");
        var plan = config.acceptsEta() ? config.plan(20, 1) : config.plan(20);
        double score = score(plan, 1);
        assertTrue(Math.abs(score) < Z, name + ": variance off by " + score + " standard errors");
        // Control: noise that is a tenth too weak must be noticed.
        double weak = score(plan, 0.9);
        assertFalse(Math.abs(weak) < Z, name + ": weak noise passed, " + weak);
        assertEquals(0, Tensor.alive());
    }

    @Test
    void resamplingGathersThePast() {
        try (var scope = Scope.open()) {
            var x = new Latents(
                    Tensor.of(new double[] {1, 2, 3}, 3, 1, 1, 1),
                    List.of(Tensor.of(new double[] {10, 20, 30}, 3, 1, 1, 1)));
            var y = x.gather(new int[] {2, 2, 0, 1});
            assertEquals(4, y.size());
            assertEquals("[3.0, 3.0, 1.0, 2.0]", Arrays.toString(y.sample().toDoubles()));
            assertEquals(
                    "[30.0, 30.0, 10.0, 20.0]",
                    Arrays.toString(y.memory().get(0).toDoubles()));
            y.close();
            x.close();
            assertEquals(0, scope.size());
        }
        assertEquals(0, Tensor.alive());
    }
}
