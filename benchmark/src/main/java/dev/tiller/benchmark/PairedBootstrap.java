// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * Percentile intervals for scores that are an unweighted mean over categories of means over prompts, by resampling the
 * prompts within each category with replacement (Efron and Tibshirani 1993, chapter 13). A prompt is a cluster: what all
 * its seeds gave is averaged before, and stays together. A difference of two methods is bootstrapped as the score of the
 * differences, prompt by prompt, since both saw the same prompts.
 *
 * <p>Resampling n values understates their variance by (n - 1) / n, and a percentile interval knows nothing of Student's t.
 * So deviations are enlarged by the root of n / (n - 1), and the percentiles lie as far out as t does beyond the normal
 * distribution (Hesterberg 2015, "expanded percentile").
 */
public final class PairedBootstrap {
    private static final int RESAMPLES = 10_000;
    private static final double ALPHA = 0.05;
    private static final NormalDistribution NORMAL = new NormalDistribution();

    private PairedBootstrap() {}

    /**
     * An estimate.
     *
     * @param low of the 95 % interval
     * @param high of the 95 % interval
     * @param standardError of the bootstrap distribution
     */
    public record Estimate(double value, double low, double high, double standardError) {
        /** Whether the interval lies wholly above zero. */
        public boolean aboveZero() {
            return low > 0;
        }

        /**
         * How many times as many prompts would tell a true difference of this size from zero with a power of 80 % at the 5 %
         * level, by the normal approximation; infinite for a difference of 0.
         */
        public double promptsNeeded() {
            double reached = value / standardError;
            double wanted =
                    NORMAL.inverseCumulativeProbability(1 - ALPHA / 2) + NORMAL.inverseCumulativeProbability(0.8);
            return value == 0 ? Double.POSITIVE_INFINITY : wanted * wanted / (reached * reached);
        }
    }

    /**
     * The score of values, or of differences.
     *
     * @param categories for each category the values of its prompts, at least one each
     * @param seed of the resampling
     */
    public static Estimate score(List<double[]> categories, long seed) {
        var random = new SplittableRandom(seed);
        var scores = new double[RESAMPLES];
        var means = categories.stream().mapToDouble(PairedBootstrap::mean).toArray();
        double value = mean(means);
        for (int r = 0; r < RESAMPLES; r++) {
            double deviation = 0;
            for (int c = 0; c < means.length; c++) {
                var values = categories.get(c);
                int n = values.length;
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += values[random.nextInt(n)];
                }
                deviation += (sum / n - means[c]) * (n > 1 ? Math.sqrt(n / (n - 1.0)) : 1);
            }
            scores[r] = value + deviation / means.length;
        }
        Arrays.sort(scores);
        double mean = mean(scores);
        double variance = Arrays.stream(scores)
                .map(s -> (s - mean) * (s - mean))
                .average()
                .orElseThrow();
        double tail = tail(categories);
        return new Estimate(value, quantile(scores, tail), quantile(scores, 1 - tail), Math.sqrt(variance));
    }

    /** What lies beyond each end of the interval. */
    private static double tail(List<double[]> categories) {
        int freedom = categories.stream().mapToInt(values -> values.length - 1).sum();
        return freedom < 1
                ? ALPHA / 2
                : NORMAL.cumulativeProbability(new TDistribution(freedom).inverseCumulativeProbability(ALPHA / 2));
    }

    /**
     * How probable a score at least as far from zero is, in either direction, if methods do not differ: then every prompt's
     * difference is as likely as its negative (a sign-flip test; false alarms at level alpha in at most alpha of all cases).
     *
     * @param categories for each category the differences of its prompts
     * @return in (0, 1]
     */
    public static double probabilityByChance(List<double[]> categories, long seed) {
        var random = new SplittableRandom(seed);
        double observed = Math.abs(
                categories.stream().mapToDouble(PairedBootstrap::mean).average().orElseThrow());
        int atLeast = 1;
        for (int r = 1; r < RESAMPLES; r++) {
            double sum = 0;
            for (var values : categories) {
                double flipped = 0;
                for (double value : values) {
                    flipped += random.nextBoolean() ? value : -value;
                }
                sum += flipped / values.length;
            }
            // Sums in another order may differ in the last digit.
            atLeast += Math.abs(sum / categories.size()) >= observed - 1e-12 ? 1 : 0;
        }
        return (double) atLeast / RESAMPLES;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double quantile(double[] sorted, double p) {
        return sorted[(int) Math.round(p * (sorted.length - 1))];
    }
}
