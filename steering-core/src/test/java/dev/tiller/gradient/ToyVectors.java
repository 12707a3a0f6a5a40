// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Rows of plain numbers, counted while they live. */
public final class ToyVectors implements Vectors<ToyVectors> {
    private static final AtomicInteger ALIVE = new AtomicInteger();

    private final int dimensions;
    private final double[][] rows;
    private boolean closed;

    private ToyVectors(int dimensions, double[][] rows) {
        this.dimensions = dimensions;
        this.rows = rows;
        ALIVE.incrementAndGet();
    }

    /** A batch of at least one row. */
    public static ToyVectors of(double[]... rows) {
        return new ToyVectors(
                rows[0].length, Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new));
    }

    /** One row. */
    public static ToyVectors row(double... elements) {
        return of(elements);
    }

    /** One number in each row. */
    public static ToyVectors column(double... elements) {
        return of(Arrays.stream(elements).mapToObj(e -> new double[] {e}).toArray(double[][]::new));
    }

    /** Standard Gaussian rows. */
    public static ToyVectors gaussian(int size, int dimensions, RandomGenerator random) {
        return of(IntStream.range(0, size)
                .mapToObj(i -> IntStream.range(0, dimensions)
                        .mapToDouble(j -> random.nextGaussian())
                        .toArray())
                .toArray(double[][]::new));
    }

    /** Batches made and not closed. */
    public static int alive() {
        return ALIVE.get();
    }

    private double[][] rows() {
        if (closed) {
            throw new IllegalStateException("used after it was closed");
        }
        return rows;
    }

    /** The elements of a row. */
    public double[] row(int i) {
        return rows()[i];
    }

    /** An element of every row. */
    public double[] column(int j) {
        return Arrays.stream(rows()).mapToDouble(row -> row[j]).toArray();
    }

    private ToyVectors map(DoubleUnaryOperator f) {
        return new ToyVectors(
                dimensions,
                Arrays.stream(rows())
                        .map(row -> Arrays.stream(row).map(f).toArray())
                        .toArray(double[][]::new));
    }

    private ToyVectors zip(ToyVectors other, DoubleBinaryOperator f) {
        if (other.size() != size() || other.dimensions != dimensions) {
            throw new IllegalArgumentException("shapes differ");
        }
        return new ToyVectors(
                dimensions,
                IntStream.range(0, size())
                        .mapToObj(i -> IntStream.range(0, dimensions)
                                .mapToDouble(j -> f.applyAsDouble(rows()[i][j], other.rows()[i][j]))
                                .toArray())
                        .toArray(double[][]::new));
    }

    @Override
    public ToyVectors plus(ToyVectors other) {
        return zip(other, Double::sum);
    }

    @Override
    public ToyVectors minus(ToyVectors other) {
        return zip(other, (a, b) -> a - b);
    }

    @Override
    public ToyVectors times(double factor) {
        return map(a -> a * factor);
    }

    @Override
    public ToyVectors times(ToyVectors other) {
        return zip(other, (a, b) -> a * b);
    }

    @Override
    public ToyVectors dividedBy(ToyVectors other) {
        return zip(other, (a, b) -> a / b);
    }

    @Override
    public ToyVectors plus(double number) {
        return map(a -> a + number);
    }

    @Override
    public ToyVectors sqrt() {
        return map(Math::sqrt);
    }

    @Override
    public ToyVectors timesRows(double[] factors) {
        if (factors.length != size()) {
            throw new IllegalArgumentException(factors.length + " factors for " + size() + " rows");
        }
        return new ToyVectors(
                dimensions,
                IntStream.range(0, size())
                        .mapToObj(i -> Arrays.stream(rows()[i])
                                .map(a -> a * factors[i])
                                .toArray())
                        .toArray(double[][]::new));
    }

    @Override
    public double[] dotRows(ToyVectors other) {
        try (var products = times(other)) {
            return Arrays.stream(products.rows)
                    .mapToDouble(row -> Arrays.stream(row).sum())
                    .toArray();
        }
    }

    @Override
    public int size() {
        return rows().length;
    }

    @Override
    public int dimensions() {
        return dimensions;
    }

    @Override
    public double[][] toRows() {
        return Arrays.stream(rows()).map(double[]::clone).toArray(double[][]::new);
    }

    @Override
    public ToyVectors withRows(double[][] newRows) {
        return new ToyVectors(
                dimensions, Arrays.stream(newRows).map(double[]::clone).toArray(double[][]::new));
    }

    @Override
    public ToyVectors gather(int[] which) {
        return new ToyVectors(
                dimensions,
                Arrays.stream(which).mapToObj(i -> rows()[i].clone()).toArray(double[][]::new));
    }

    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException("closed twice");
        }
        closed = true;
        ALIVE.decrementAndGet();
    }
}
