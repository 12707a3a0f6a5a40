// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Holm's step-down correction (1979): the probability that any of several comparisons is a false alarm stays below alpha. */
final class Holm {
    private Holm() {}

    /**
     * For each of the probabilities the one that may be held against alpha, in [0, 1], whatever else was compared. NaN is no
     * comparison, and stays.
     */
    static double[] adjusted(double[] probabilities) {
        long n = Arrays.stream(probabilities).filter(p -> !Double.isNaN(p)).count();
        var order = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> probabilities[i]))
                .toList();
        var adjusted = probabilities.clone();
        double largest = 0;
        for (int rank = 0; rank < n; rank++) {
            int i = order.get(rank);
            largest = Math.max(largest, Math.min(1, (n - rank) * probabilities[i]));
            adjusted[i] = largest;
        }
        return adjusted;
    }
}
