// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import java.util.Arrays;

/**
 * A linear combination of what is at hand in a step: the sample, the network's output, the estimate of the clean sample,
 * fresh noise, and the tensors remembered from earlier steps.
 */
public final class Combination {
    /** The most tensors that a solver may remember. */
    static final int MEMORY = 4;

    /** Nothing. */
    public static final Combination ZERO = new Combination(new double[4 + MEMORY]);
    /** The sample x. */
    public static final Combination SAMPLE = unit(0);
    /** What the network gave for x. */
    public static final Combination OUTPUT = unit(1);
    /** The estimate of x₀, after clipping. */
    public static final Combination CLEAN = unit(2);
    /** Standard normal noise, fresh in every step. */
    public static final Combination NOISE = unit(3);

    private final double[] coefficients;

    private Combination(double[] coefficients) {
        this.coefficients = coefficients;
    }

    /** The k-th remembered tensor, k from 0 to 3: in the order of {@link Step#memory} of the step before. */
    public static Combination memory(int k) {
        return unit(4 + k);
    }

    private static Combination unit(int i) {
        var c = new double[4 + MEMORY];
        c[i] = 1;
        return new Combination(c);
    }

    /** The sum of two. */
    public Combination plus(Combination other) {
        var c = coefficients.clone();
        Arrays.setAll(c, i -> coefficients[i] + other.coefficients[i]);
        return new Combination(c);
    }

    /** Every coefficient times a number. */
    public Combination times(double factor) {
        return new Combination(Arrays.stream(coefficients).map(c -> c * factor).toArray());
    }

    /** The difference of two. */
    public Combination minus(Combination other) {
        return plus(other.times(-1));
    }

    /** Whether fresh noise is part of it. */
    public boolean stochastic() {
        return coefficients[3] != 0;
    }

    /** The same with no fresh noise in it. */
    public Combination withoutNoise() {
        return minus(NOISE.times(of(NOISE)));
    }

    /** The coefficient of one of the ingredients, each of which is itself a combination: {@code of(NOISE)}. */
    public double of(Combination ingredient) {
        double product = 0;
        for (int i = 0; i < coefficients.length; i++) {
            product += coefficients[i] * ingredient.coefficients[i];
        }
        return product;
    }

    boolean finite() {
        return Arrays.stream(coefficients).allMatch(Double::isFinite);
    }

    /** The coefficients of sample, output, clean, noise, memory 0, 1, ... */
    double[] coefficients() {
        return coefficients.clone();
    }

    @Override
    public String toString() {
        return Arrays.toString(coefficients);
    }
}
