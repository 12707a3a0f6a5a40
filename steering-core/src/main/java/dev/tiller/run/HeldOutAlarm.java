// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Tells when a steered reward is being gamed: it rises while a held-out reward of the same samples falls beyond its noise.
 *
 * <p>The curves are cut into windows of so many scorings. When a window is complete it is compared with each earlier one.
 * The alarm is raised where, from one to the other, the mean of the steered reward has risen and the mean of the held-out
 * one has fallen significantly: by a one-sided paired t-test over the rows, each row's difference being that of its two
 * window means, so that the standard error comes from the spread over rows, whatever the noise of a row does in time. One
 * row alone is tested over the pairs of its scorings, which takes its noise from scoring to scoring as independent.
 *
 * <p>The comparisons of the k-th window with its k earlier ones share the level {@code level / (k (k + 1))}, so that a
 * run of any length whose held-out reward does not fall raises a false alarm with probability at most {@code level} (if
 * differences are about normal). Slots of a resampled population are paired as they stand; copies make the test less
 * cautious than it says.
 *
 * @param window scorings in a window, at least 1; at least 2 for a single row to be judged
 * @param level false alarms per run, in (0, 1)
 */
public record HeldOutAlarm(int window, double level) {
    /** Windows of 5 scorings, one false alarm in a hundred runs. */
    public static final HeldOutAlarm DEFAULT = new HeldOutAlarm(5, 0.01);

    public HeldOutAlarm {
        if (window < 1 || !(level > 0 && level < 1)) {
            throw new TillerException(
                    "An alarm needs a window of at least 1 scoring and a level between 0 and 1, but has " + window
                            + " and " + level + ".");
        }
    }

    /**
     * When the alarm is first raised.
     *
     * @param steered the steered reward: one array for each scoring, one value for each row
     * @param heldOut the held-out reward, of the same sizes; rows with NaN in a window are left out of its comparisons
     * @return the index of the last scoring of the window that raised it; nothing if it is silent
     */
    public OptionalInt raised(List<double[]> steered, List<double[]> heldOut) {
        return IntStream.range(1, steered.size() / window)
                .filter(late -> IntStream.range(0, late)
                        .anyMatch(early -> gamed(steered, heldOut, early, late, level / late / late / (late + 1))))
                .map(late -> (late + 1) * window - 1)
                .findFirst();
    }

    private boolean gamed(List<double[]> steered, List<double[]> heldOut, int early, int late, double alpha) {
        int rows = steered.get(0).length;
        if (!sameSize(steered, rows) || !sameSize(heldOut, rows)) {
            return false;
        }
        var fallen = differences(heldOut, early, late, rows);
        return mean(differences(steered, early, late, rows)) > 0 && mean(fallen) < 0 && falls(fallen, alpha);
    }

    private static boolean sameSize(List<double[]> curve, int rows) {
        return curve.stream().allMatch(values -> values.length == rows);
    }

    /** Of each row the difference of its window means; of a single row that of each pair of scorings. */
    private double[] differences(List<double[]> curve, int early, int late, int rows) {
        var pairs = IntStream.range(0, window)
                .mapToObj(j -> IntStream.range(0, rows)
                        .mapToDouble(i -> curve.get(late * window + j)[i] - curve.get(early * window + j)[i])
                        .toArray())
                .toList();
        var all = rows == 1
                ? pairs.stream().mapToDouble(pair -> pair[0])
                : IntStream.range(0, rows)
                        .mapToDouble(i -> pairs.stream()
                                .mapToDouble(pair -> pair[i])
                                .average()
                                .orElse(0));
        return all.filter(Double::isFinite).toArray();
    }

    private static double mean(double[] values) {
        return java.util.Arrays.stream(values).average().orElse(0);
    }

    private static boolean falls(double[] differences, double alpha) {
        int n = differences.length;
        if (n < 2) {
            return false;
        }
        double mean = mean(differences);
        double squares = java.util.Arrays.stream(differences)
                .map(d -> (d - mean) * (d - mean))
                .sum();
        return squares == 0 || upperTail(-mean / Math.sqrt(squares / (n - 1) / n), n - 1) < alpha;
    }

    /** P(T > t) for Student's t, by the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4. */
    static double upperTail(double t, int degreesOfFreedom) {
        double angle = Math.atan(t / Math.sqrt(degreesOfFreedom));
        boolean odd = degreesOfFreedom % 2 == 1;
        double term = odd ? Math.cos(angle) : 1;
        double sum = 0;
        for (int k = odd ? 1 : 0; k <= degreesOfFreedom - 2; k += 2) {
            sum += term;
            term *= (k + 1) / (k + 2.0) * Math.cos(angle) * Math.cos(angle);
        }
        double inside = odd ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
        return (1 - inside) / 2;
    }
}
