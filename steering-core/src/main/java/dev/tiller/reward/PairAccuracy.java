// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How often a reward prefers the better of two samples (RewardBench, Lambert et al. 2024, arXiv:2403.13787; for pictures
 * MJ-Bench and VL-RewardBench).
 *
 * @param pairs how many were compared; those with a value that is NaN are not
 * @param accuracy the share that is in the right order, ties counted half
 * @param low end of Wilson's 95 % interval
 * @param high other end
 * @param unsaid pairs with a value that is NaN
 */
public record PairAccuracy(int pairs, double accuracy, double low, double high, int unsaid) {
    private static final double Z = 1.959963984540054;
    private static final int BINS = 10;

    /**
     * The two values of a pair.
     *
     * @param category what is wrong with the rejected one
     */
    public record Scored(String category, double chosen, double rejected) {
        boolean isSaid() {
            return !Double.isNaN(chosen) && !Double.isNaN(rejected);
        }

        /** 1 in the right order, ½ for a tie, 0 in the wrong one. */
        double right() {
            return chosen > rejected ? 1 : chosen < rejected ? 0 : 0.5;
        }
    }

    /** Of all pairs together; the accuracy is NaN where none can be said. */
    public static PairAccuracy of(List<Scored> scored) {
        var said = scored.stream().filter(Scored::isSaid).toList();
        int n = said.size();
        int unsaid = scored.size() - n;
        if (n == 0) {
            return new PairAccuracy(0, Double.NaN, 0, 1, unsaid);
        }
        double p = said.stream().mapToDouble(Scored::right).average().orElse(Double.NaN);
        double z2 = Z * Z / n;
        double middle = (p + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.sqrt(p * (1 - p) / n + z2 / (4.0 * n));
        return new PairAccuracy(n, p, Math.max(0, middle - half), Math.min(1, middle + half), unsaid);
    }

    /** By category, in the order of the first of each. */
    public static Map<String, PairAccuracy> byCategory(List<Scored> scored) {
        var accuracies = new LinkedHashMap<String, PairAccuracy>();
        for (var pair : scored) {
            accuracies.computeIfAbsent(
                    pair.category(),
                    c -> of(scored.stream().filter(s -> s.category().equals(c)).toList()));
        }
        return accuracies;
    }

    /**
     * The scale T in P(chosen is better) = 1 / (1 + exp(−(chosen − rejected) / T)), by maximum likelihood; infinite
     * where the differences tell nothing, and 0 where all pairs are in the right order.
     */
    public static double scale(List<Scored> scored) {
        var said = scored.stream().filter(Scored::isSaid).toList();
        double most = said.stream()
                .mapToDouble(s -> Math.abs(s.chosen() - s.rejected()))
                .max()
                .orElse(0);
        if (said.stream().allMatch(s -> s.right() == 1)) {
            return 0;
        }
        // The likelihood is concave in 1/T: its derivative has one sign change.
        double low = 0;
        double high = most == 0 ? 0 : 1e6 / most;
        if (slope(said, low) <= 0 || most == 0) {
            return Double.POSITIVE_INFINITY;
        }
        for (int i = 0; i < 200; i++) {
            double middle = (low + high) / 2;
            if (slope(said, middle) > 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 2 / (low + high);
    }

    private static double slope(List<Scored> scored, double inverse) {
        return scored.stream()
                .mapToDouble(s -> {
                    double d = s.chosen() - s.rejected();
                    return d / (1 + Math.exp(d * inverse));
                })
                .sum();
    }

    /**
     * Expected calibration error (Naeini et al. 2015) of that probability in ten bins of confidence: how far "70 % sure" is
     * from being right in 70 % of the cases, on average. The scale is fitted on the same pairs.
     */
    public static double calibrationError(List<Scored> scored) {
        var said = scored.stream().filter(Scored::isSaid).toList();
        double scale = scale(said);
        var confidence = new double[BINS];
        var right = new double[BINS];
        var count = new int[BINS];
        for (var pair : said) {
            double d = Math.abs(pair.chosen() - pair.rejected());
            double sure = d == 0 || Double.isInfinite(scale) ? 0.5 : 1 / (1 + Math.exp(-d / scale));
            int bin = Math.min(BINS - 1, (int) ((sure - 0.5) * 2 * BINS));
            confidence[bin] += sure;
            right[bin] += pair.right();
            count[bin]++;
        }
        double error = 0;
        for (int b = 0; b < BINS; b++) {
            error += Math.abs(confidence[b] - right[b]);
        }
        return said.isEmpty() ? Double.NaN : error / said.size();
    }

    /** The share of pairs that two rewards put in the same order; pairs that one cannot say are left out. */
    public static double agreement(List<Scored> one, List<Scored> other) {
        int same = 0;
        int n = 0;
        for (int i = 0; i < one.size(); i++) {
            if (one.get(i).isSaid() && other.get(i).isSaid()) {
                n++;
                same += one.get(i).right() == other.get(i).right() ? 1 : 0;
            }
        }
        return n == 0 ? Double.NaN : same / (double) n;
    }
}
