// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Percentile intervals for scores that are an unweighted mean over categories of means over prompts, by resampling the
 * prompts within each category with replacement (Efron and Tibshirani 1993, chapter 13). A prompt is a cluster: what all
 * its seeds gave is averaged before, and stays together. A difference of two methods is bootstrapped as the score of the
 * differences, prompt by prompt, since both saw the same prompts.
 */
public final class PairedBootstrap {
    private static final int RESAMPLES = 10_000;

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
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (var values : categories) {
                double resampled = 0;
                for (int i = 0; i < values.length; i++) {
                    resampled += values[random.nextInt(values.length)];
                }
                sum += resampled / values.length;
            }
            scores[r] = sum / categories.size();
        }
        Arrays.sort(scores);
        double mean = Arrays.stream(scores).average().orElseThrow();
        double variance = Arrays.stream(scores)
                .map(s -> (s - mean) * (s - mean))
                .average()
                .orElseThrow();
        double value = categories.stream()
                .mapToDouble(v -> Arrays.stream(v).average().orElseThrow())
                .average()
                .orElseThrow();
        return new Estimate(value, quantile(scores, 0.025), quantile(scores, 0.975), Math.sqrt(variance));
    }

    private static double quantile(double[] sorted, double p) {
        return sorted[(int) Math.round(p * (sorted.length - 1))];
    }
}
