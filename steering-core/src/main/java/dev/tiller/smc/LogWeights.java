// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Unnormalised log weights of a population, immutable. Their mean exp estimates the normalising constant Z, so weights
 * keep their scale when the population is resampled. -infinity is a particle given up; NaN and +infinity do not exist.
 */
public final class LogWeights {
    private final double[] log;
    private final double max;

    private LogWeights(double[] log) {
        this.log = log;
        this.max = Arrays.stream(log).max().orElse(Double.NEGATIVE_INFINITY);
    }

    /**
     * n weights of the same value.
     *
     * @throws IllegalArgumentException if n is below 1 or the value is NaN or +infinity
     */
    public static LogWeights equal(int n, double value) {
        var log = new double[n];
        Arrays.fill(log, value);
        return of(log);
    }

    /**
     * A copy of these values.
     *
     * @throws IllegalArgumentException if there are none or one is NaN or +infinity
     */
    public static LogWeights of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no weights");
        }
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("log weight " + i + " is " + values[i]);
            }
        }
        return new LogWeights(values.clone());
    }

    /**
     * These weights, each multiplied by exp of an increment.
     *
     * @param step named in the message where a weight would not be one
     * @throws TillerException if a result is NaN or +infinity
     */
    public LogWeights plus(double[] increments, int step) {
        if (increments.length != log.length) {
            throw new IllegalArgumentException(
                    "step " + step + ": " + increments.length + " increments for " + log.length + " particles");
        }
        var sum = new double[log.length];
        for (int i = 0; i < log.length; i++) {
            // A particle given up stays given up, whatever it is offered later.
            sum[i] = log[i] == Double.NEGATIVE_INFINITY ? log[i] : log[i] + increments[i];
            if (!(sum[i] < Double.POSITIVE_INFINITY)) {
                throw new TillerException("The log weight of particle " + i + " became " + sum[i] + " at step " + step
                        + " (it was " + log[i] + ", and " + increments[i]
                        + " was added); look at the potential, or at the proposal's correction.");
            }
        }
        return new LogWeights(sum);
    }

    /** The number of particles. */
    public int size() {
        return log.length;
    }

    /** The log weight of a particle. */
    public double get(int i) {
        return log[i];
    }

    /** Whether no particle is left. */
    public boolean allZero() {
        return max == Double.NEGATIVE_INFINITY;
    }

    /** log of the mean weight: the estimate of log Z. */
    public double logMean() {
        return logSum() - Math.log(log.length);
    }

    /** log of the sum of the weights. */
    public double logSum() {
        if (allZero()) {
            return max;
        }
        double sum = 0;
        for (double l : log) {
            sum += Math.exp(l - max);
        }
        return max + Math.log(sum);
    }

    /**
     * The weights, divided by their sum.
     *
     * @throws IllegalStateException if no particle is left
     */
    public double[] normalised() {
        if (allZero()) {
            throw new IllegalStateException("all weights are zero");
        }
        // Not by logSum, whose last digit is coarse where log weights are large.
        var weights = Arrays.stream(log).map(l -> Math.exp(l - max)).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    /**
     * The estimate of a mean under what the weights steer to, Σ wᵢ fᵢ / Σ wᵢ. A particle given up does not count, whatever its value.
     *
     * @param values fᵢ, one for each particle
     * @throws IllegalArgumentException if there are more or fewer
     * @throws IllegalStateException if no particle is left
     */
    public double mean(double[] values) {
        if (values.length != log.length) {
            throw new IllegalArgumentException(values.length + " values for " + log.length + " particles");
        }
        var weights = normalised();
        return IntStream.range(0, values.length)
                .filter(i -> weights[i] > 0)
                .mapToDouble(i -> weights[i] * values[i])
                .sum();
    }

    /** Effective sample size (sum w)^2 / sum w^2, in [1, size]; 0 if no particle is left. */
    public double ess() {
        if (allZero()) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        for (double l : log) {
            double w = Math.exp(l - max);
            sum += w;
            squares += w * w;
        }
        return sum * sum / squares;
    }

    /** The weights of these rows, as they are. */
    public LogWeights gather(int[] rows) {
        return new LogWeights(Arrays.stream(rows).mapToDouble(i -> log[i]).toArray());
    }

    /** A copy of the log weights. */
    public double[] toArray() {
        return log.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogWeights that && Arrays.equals(log, that.log);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(log);
    }

    @Override
    public String toString() {
        return "LogWeights" + Arrays.toString(log);
    }
}
