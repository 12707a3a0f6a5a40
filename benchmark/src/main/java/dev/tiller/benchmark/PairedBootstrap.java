// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
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
 * distribution (Hesterberg 2015, "expanded percentile"). Below {@value #FEW} degrees of freedom so few values have no tails to find a
 * percentile in: there the interval is Student's, of the bootstrap's standard error.
 *
 * <p>A category of one prompt says nothing of how prompts differ. Its prompt is taken to vary as those of the other categories do
 * (their deviations are pooled). Where all categories are so, their prompts are resampled as those of a single one (collapsed
 * strata; Wolter 2007, section 2.5), which counts what categories differ by and so is rather too wide.
 */
public final class PairedBootstrap {
    private static final int RESAMPLES = 10_000;
    static final double ALPHA = 0.05;
    private static final int FEW = 10;
    private static final double ROUNDING = 1e-12;
    private static final NormalDistribution NORMAL = new NormalDistribution();

    private PairedBootstrap() {}

    /** Where a prompt's value lies. */
    public record Range(double least, double most) {
        public static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        /** Of shares. */
        public static final Range SHARE = new Range(0, 1);

        /** That of differences of two. */
        public Range difference() {
            return new Range(least - most, most - least);
        }

        boolean bounded() {
            return Double.isFinite(least) && Double.isFinite(most);
        }
    }

    /**
     * An estimate.
     *
     * @param low of the 95 % interval; NaN where all prompts gave the same, which tells nothing of what others would give
     * @param high of the 95 % interval; NaN likewise
     * @param standardError of the bootstrap distribution
     */
    public record Estimate(double value, double low, double high, double standardError) {
        /** Whether there is an interval. */
        public boolean hasInterval() {
            return !Double.isNaN(low);
        }

        /** Whether the interval lies wholly above zero. */
        public boolean aboveZero() {
            return low > 0;
        }

        /**
         * How many times as many prompts would tell a true difference of this size from zero with a power of 80 %, by the
         * normal approximation; infinite for a difference of 0, NaN where prompts did not differ.
         *
         * @param level of the test, such as 0.05, in (0, 1)
         */
        public double promptsNeeded(double level) {
            if (standardError == 0) {
                return Double.NaN;
            }
            double reached = value / standardError;
            double wanted =
                    NORMAL.inverseCumulativeProbability(1 - level / 2) + NORMAL.inverseCumulativeProbability(0.8);
            return value == 0 ? Double.POSITIVE_INFINITY : wanted * wanted / (reached * reached);
        }
    }

    /**
     * The score of values, or of differences, that may be any numbers.
     *
     * @param categories for each category the values of its prompts, at least one each
     * @param seed of the resampling
     */
    public static Estimate score(List<double[]> categories, long seed) {
        return score(categories, Range.ANY, seed);
    }

    /**
     * The score of values, or of differences. Where the range is bounded the interval stays in it, and there is one even if all prompts
     * gave the same: a share of prompts that would give anything else goes unseen with a probability of 2.5 % at most.
     *
     * @param categories for each category the values of its prompts, at least one each
     * @param range of the values
     * @param seed of the resampling
     */
    public static Estimate score(List<double[]> categories, Range range, long seed) {
        double value = mean(means(categories));
        if (!Double.isFinite(value)) {
            return new Estimate(value, Double.NaN, Double.NaN, Double.NaN);
        }
        var strata = categories.stream().allMatch(values -> values.length == 1)
                ? List.of(categories.stream().mapToDouble(values -> values[0]).toArray())
                : categories;
        if (strata.stream().allMatch(PairedBootstrap::same)) {
            return alike(value, categories, range);
        }
        var scores = resampled(strata, value, seed);
        double mean = mean(scores);
        double error = Math.sqrt(Arrays.stream(scores)
                .map(s -> (s - mean) * (s - mean))
                .average()
                .orElseThrow());
        int freedom = strata.stream().mapToInt(values -> values.length - 1).sum();
        double far = -new TDistribution(freedom).inverseCumulativeProbability(ALPHA / 2);
        double tail = NORMAL.cumulativeProbability(-far);
        double low = freedom < FEW ? value - far * error : quantile(scores, tail);
        double high = freedom < FEW ? value + far * error : quantile(scores, 1 - tail);
        return new Estimate(value, Math.max(low, range.least()), Math.min(high, range.most()), error);
    }

    /** But for rounding: one third is not quite what two thirds are less one third. */
    private static boolean same(double[] values) {
        var of = Arrays.stream(values).summaryStatistics();
        return of.getMax() - of.getMin() <= ROUNDING * Math.max(Math.abs(of.getMax()), Math.abs(of.getMin()));
    }

    /** Sorted. */
    private static double[] resampled(List<double[]> strata, double value, long seed) {
        var random = new SplittableRandom(seed);
        var means = means(strata);
        var pooled = strata.stream()
                .filter(values -> values.length > 1)
                .flatMapToDouble(PairedBootstrap::deviations)
                .toArray();
        var scores = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double deviation = 0;
            for (int c = 0; c < means.length; c++) {
                var values = strata.get(c);
                int n = values.length;
                double sum = 0;
                for (int i = 0; i < n && n > 1; i++) {
                    sum += values[random.nextInt(n)];
                }
                deviation += n > 1 ? (sum / n - means[c]) * enlarged(n) : pooled[random.nextInt(pooled.length)];
            }
            scores[r] = value + deviation / means.length;
        }
        Arrays.sort(scores);
        return scores;
    }

    private static DoubleStream deviations(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * enlarged(values.length));
    }

    private static double enlarged(int n) {
        return Math.sqrt(n / (n - 1.0));
    }

    /**
     * In every category all prompts gave the same. If shares u_c of prompts give anything else, that is seen nowhere with the
     * probability prod (1 - u_c)^n_c; at 2.5 % the mean of u_c is at most 1 - 0.025^(1/N) where each of C categories has N/C prompts, by
     * the inequality of the arithmetic and the geometric mean.
     */
    private static Estimate alike(double value, List<double[]> categories, Range range) {
        if (!range.bounded()) {
            return new Estimate(value, Double.NaN, Double.NaN, 0);
        }
        int least = categories.stream().mapToInt(values -> values.length).min().orElseThrow();
        double unseen = 1 - Math.pow(ALPHA / 2, 1.0 / (least * categories.size()));
        double down = Arrays.stream(means(categories)).max().orElseThrow() - range.least();
        double up = range.most() - Arrays.stream(means(categories)).min().orElseThrow();
        return new Estimate(
                value, Math.max(range.least(), value - unseen * down), Math.min(range.most(), value + unseen * up), 0);
    }

    /**
     * How probable a score at least as far from zero is, in either direction, if methods do not differ: then every prompt's
     * difference is as likely as its negative (a sign-flip test; false alarms at level alpha in at most alpha of all cases).
     *
     * @param categories for each category the differences of its prompts
     * @return in (0, 1]; NaN where a difference is no number
     */
    public static double probabilityByChance(List<double[]> categories, long seed) {
        var random = new SplittableRandom(seed);
        double observed = Math.abs(
                categories.stream().mapToDouble(PairedBootstrap::mean).average().orElseThrow());
        if (!Double.isFinite(observed)) {
            return Double.NaN;
        }
        // Sums in another order may differ in the last digits of what is summed.
        double most = categories.stream()
                .mapToDouble(
                        values -> Arrays.stream(values).map(Math::abs).average().orElseThrow())
                .average()
                .orElseThrow();
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
            atLeast += Math.abs(sum / categories.size()) >= observed - ROUNDING * most ? 1 : 0;
        }
        return (double) atLeast / RESAMPLES;
    }

    private static double[] means(List<double[]> categories) {
        return categories.stream().mapToDouble(PairedBootstrap::mean).toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double quantile(double[] sorted, double p) {
        return sorted[(int) Math.round(p * (sorted.length - 1))];
    }
}
