// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.ascent.AscentPlan;
import dev.tiller.ascent.NoiseAscent;
import dev.tiller.ascent.NoiseSearch;
import dev.tiller.ascent.NormPrior;
import dev.tiller.ascent.Optimizer;
import dev.tiller.ascent.SearchPlan;
import dev.tiller.ascent.Sgd;
import dev.tiller.examples.GuideAGaussian.Line;
import dev.tiller.gradient.GradedObjective;
import dev.tiller.run.RunManifest;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Optimises noise where the answer is known. A "sampler" makes x = 2 z of standard normal noise z, the reward is
 * r = -(x - 3)² / 2, and ReNO's norm prior is that of one dimension, w z² / 2. Reward less prior is largest at
 * z = 6 / (4 + w).
 *
 * <p>First by its gradient, from several seeds at once; then, as if it had none, by random search for the reward alone.
 */
public final class AscendAGaussian {
    private static final double SLOPE = 2;
    private static final double WISH = 3;
    private static final RunManifest MANIFEST = RunManifest.of("x = 3", 7);

    private AscendAGaussian() {}

    /** The reward of noise, and how it changes with the noise. */
    record Nearness() implements GradedObjective<Line> {
        @Override
        public Scores score(Line z) {
            return Scores.of(Arrays.stream(z.x())
                    .map(v -> -(SLOPE * v - WISH) * (SLOPE * v - WISH) / 2)
                    .toArray());
        }

        @Override
        public Graded<Line> grade(Line z) {
            var gradient = Arrays.stream(z.x()).map(v -> -SLOPE * (SLOPE * v - WISH));
            return new Graded<>(score(z), new Line(gradient.toArray()));
        }
    }

    static Line noise(int n, Key key) {
        return new Line(IntStream.range(0, n)
                .mapToDouble(i -> key.at(i).generator().nextGaussian())
                .toArray());
    }

    /** Where ascents of reward less prior end. */
    static double[] ascend(Optimizer optimizer, double weight, int seeds) {
        var plan = AscentPlan.of(60, optimizer).withPrior(new NormPrior(weight));
        try (var start = noise(seeds, Key.of(7));
                var run = NoiseAscent.start(new Nearness(), plan, start, Key.of(7), MANIFEST)) {
            run.finish();
            return run.snapshot().iterate().x();
        }
    }

    /** The noise of the largest reward that random search finds. */
    static double search(int trials) {
        var plan = SearchPlan.random(1 + trials / 20, 20);
        try (var run = NoiseSearch.start(
                AscendAGaussian::noise, (step, z) -> new Nearness().score(z), plan, Key.of(7), MANIFEST)) {
            run.finish();
            return run.snapshot().pivots().x()[0];
        }
    }

    public static void main(String[] args) {
        double weight = 2;
        double exact = SLOPE * WISH / (SLOPE * SLOPE + weight);
        var found = ascend(new Sgd(0.05, 0.6, true), weight, 3);
        System.out.printf(Locale.ROOT, "ascent with prior    z = %s, exactly %.4f%n", Arrays.toString(found), exact);
        double tried = search(1000);
        System.out.printf(Locale.ROOT, "search without prior z = %.4f, exactly %.4f%n", tried, WISH / SLOPE);
        if (Arrays.stream(found).anyMatch(z -> Math.abs(z - exact) > 1e-4) || Math.abs(tried - WISH / SLOPE) > 0.05) {
            throw new IllegalStateException("the noise is not where it should be");
        }
    }
}
