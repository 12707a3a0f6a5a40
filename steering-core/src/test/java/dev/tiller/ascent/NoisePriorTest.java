// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NoisePriorTest {
    private static final RandomGenerator RANDOM = Key.of(21).generator();
    private static final ProbabilityPrior DNO = new ProbabilityPrior(1, 4, 100);

    @AfterEach
    void nothingIsAlive() {
        assertEquals(0, ToyVectors.alive());
    }

    private static double price(NoisePrior prior, double... x) {
        try (var row = ToyVectors.row(x);
                var price = prior.price(row, new Key[] {Key.of(9)})) {
            return price.values()[0];
        }
    }

    private static double[] noise(int n) {
        return IntStream.range(0, n).mapToDouble(i -> RANDOM.nextGaussian()).toArray();
    }

    @Test
    void gradientsAreThoseOfThePrices() {
        for (var prior :
                new NoisePrior[] {new NormPrior(0.7), new ProbabilityPrior(0.4, 3, 5), NoisePrior.NONE, Sphere.START}) {
            var x = IntStream.range(0, 14)
                    .mapToDouble(j -> 0.6 + 0.4 * Math.sin(5 * j))
                    .toArray();
            try (var row = ToyVectors.row(x);
                    var price = prior.price(row, new Key[] {Key.of(9)})) {
                var gradient = price.gradient().toRows()[0];
                for (int j = 0; j < x.length; j++) {
                    int at = j;
                    // The norm prior rounds to float32, so the step is not small.
                    double h = 1e-2;
                    DoubleUnaryOperator moved = d -> {
                        var y = x.clone();
                        y[at] += d;
                        return price(prior, y);
                    };
                    double slope = (8 * (moved.applyAsDouble(h) - moved.applyAsDouble(-h))
                                    - moved.applyAsDouble(2 * h)
                                    + moved.applyAsDouble(-2 * h))
                            / (12 * h);
                    assertEquals(slope, gradient[j], 2e-4, prior + " element " + j);
                }
            }
        }
    }

    @Test
    void theNormPriorIsLeastWhereMostNoiseLies() {
        // -log density of the chi distribution with 9 degrees of freedom, less its constant: mode at sqrt(8).
        var unit = IntStream.range(0, 9).mapToDouble(j -> 1 / 3.0).toArray();
        var prior = new NormPrior(2);
        DoubleUnaryOperator atNorm = n ->
                price(prior, IntStream.range(0, 9).mapToDouble(j -> n * unit[j]).toArray());
        assertEquals(2 * (4 - 8 * Math.log(Math.sqrt(8))), atNorm.applyAsDouble(Math.sqrt(8)), 1e-5);
        assertTrue(atNorm.applyAsDouble(2.6) > atNorm.applyAsDouble(Math.sqrt(8)));
        assertTrue(atNorm.applyAsDouble(3.1) > atNorm.applyAsDouble(Math.sqrt(8)));
    }

    /**
     * Each bound is a tail probability, so log p of a permutation of Gaussian noise is at most -c with probability at most
     * exp(-c). 400 noises: a price above 8 (two means of min(log p, 0) for each of two laws) would be rarer than 1 in 1000
     * by these bounds, which are wide; no alarm is expected.
     */
    @Test
    void gaussianNoiseIsFree() {
        for (int i = 0; i < 400; i++) {
            double price = price(new ProbabilityPrior(1, 4, 10), noise(1024));
            assertTrue(price < 8, "price " + price);
        }
    }

    /** What no norm would notice: all of these have the norm of Gaussian noise. */
    @Test
    void patternsAreExpensive() {
        int n = 1024;
        var constant = IntStream.range(0, n).mapToDouble(j -> 1).toArray();
        var stripes =
                IntStream.range(0, n).mapToDouble(j -> j % 2 == 0 ? 1 : -1).toArray();
        var gaussian = noise(n);
        var repeated = IntStream.range(0, n)
                .mapToDouble(j -> gaussian[j % 4 == 0 ? j : j - j % 4])
                .toArray();
        var sparse = IntStream.range(0, n)
                .mapToDouble(j -> j % 4 == 1 ? 2 * gaussian[j] : 0)
                .toArray();
        assertTrue(price(DNO, constant) > 50, "constant " + price(DNO, constant));
        assertTrue(price(DNO, stripes) > 50, "stripes " + price(DNO, stripes));
        assertTrue(price(DNO, repeated) > 50, "repeated " + price(DNO, repeated));
        assertTrue(price(DNO, sparse) > 50, "sparse " + price(DNO, sparse));
        var shrunk = IntStream.range(0, n).mapToDouble(j -> 0.3 * gaussian[j]).toArray();
        assertTrue(price(DNO, shrunk) > 12, "shrunk " + price(DNO, shrunk));
    }

    /** By hand: m = 4 pairs, mean (1, 0), so log p1 = log 2 - 4 / 4 and, permutations aside, nothing in M2. */
    @Test
    void theFormulaByHand() {
        // One number to a sub-vector: permutations change nothing. m = 16 ones: M1 = 1, M2 = 0.
        var ones = IntStream.range(0, 16).mapToDouble(j -> 1).toArray();
        assertEquals(2 * (8 - Math.log(2)), price(new ProbabilityPrior(1, 1, 3), ones), 1e-12);
        // 16 twos: M1 = 2, M2 = 3: sqrt(4) - 1 - sqrt(1 / 16) = 3 / 4.
        var twos = IntStream.range(0, 16).mapToDouble(j -> 2).toArray();
        double expected = (32 - Math.log(2)) + (16 * 0.5625 / 2 - Math.log(2));
        assertEquals(2 * expected, price(new ProbabilityPrior(1, 1, 3), twos), 1e-12);
    }

    @Test
    void descendingThePriceMakesNoiseOfAPattern() {
        int n = 256;
        var start = IntStream.range(0, n)
                .mapToDouble(j -> 1 + 0.3 * RANDOM.nextGaussian())
                .toArray();
        var flat = new ToyReward(x -> 0, x -> new double[n]);
        var plan = AscentPlan.of(60, new Sgd(0.5, 0, false)).withPrior(new ProbabilityPrior(1, 4, 10));
        try (var x = ToyVectors.row(start);
                var run = NoiseAscent.start(
                        flat,
                        plan,
                        x,
                        Key.of(1),
                        new dev.tiller.run.RunManifest(
                                "", 0, java.util.Map.of(), java.util.List.of(), java.util.Map.of(), ""))) {
            run.finish();
            double after = price(DNO, run.snapshot().iterate().toRows()[0]);
            assertTrue(after < 8 && price(DNO, start) > 50, after + " from " + price(DNO, start));
        }
    }

    @Test
    void randomnessIsAnArgument() {
        var x = IntStream.range(0, 64).mapToDouble(j -> 0.8 + 0.1 * j % 7).toArray();
        assertEquals(price(DNO, x), price(DNO, x));
        assertTrue(DNO.isRandom());
        assertArrayEquals(new double[] {0}, new double[] {price(NoisePrior.NONE, x)});
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThrows(TillerException.class, () -> new NormPrior(-1));
        assertThrows(TillerException.class, () -> new ProbabilityPrior(1, 0, 10));
        assertThrows(TillerException.class, () -> price(DNO, 1, 2, 3));
        assertThrows(TillerException.class, () -> Published.named("reno"));
        assertEquals(Published.RENO_HYPER_SDXL, Published.named("reno-hyper-sdxl"));
    }
}
