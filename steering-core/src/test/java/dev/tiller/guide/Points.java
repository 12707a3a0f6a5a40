// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.Vectors;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Rows of plain numbers, counted while they live. */
public final class Points implements Vectors<Points> {
    private static final AtomicInteger ALIVE = new AtomicInteger();

    private final double[][] rows;
    private boolean closed;

    public Points(double[]... rows) {
        this.rows = rows;
        ALIVE.incrementAndGet();
    }

    /** One number in each row. */
    public static Points column(double... values) {
        return new Points(Arrays.stream(values).mapToObj(v -> new double[] {v}).toArray(double[][]::new));
    }

    public static int alive() {
        return ALIVE.get();
    }

    public double[] row(int i) {
        if (closed) {
            throw new IllegalStateException("used after it was closed");
        }
        return rows[i];
    }

    public double[] column(int j) {
        return IntStream.range(0, size()).mapToDouble(i -> row(i)[j]).toArray();
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public int dimensions() {
        return row(0).length;
    }

    @Override
    public double[][] toRows() {
        return IntStream.range(0, size()).mapToObj(i -> row(i).clone()).toArray(double[][]::new);
    }

    @Override
    public Points withRows(double[][] others) {
        return new Points(Arrays.stream(others).map(double[]::clone).toArray(double[][]::new));
    }

    @Override
    public Points gather(int[] which) {
        return new Points(Arrays.stream(which).mapToObj(i -> row(i).clone()).toArray(double[][]::new));
    }

    private Points map(DoubleUnaryOperator f) {
        return new Points(IntStream.range(0, size())
                .mapToObj(i -> Arrays.stream(row(i)).map(f).toArray())
                .toArray(double[][]::new));
    }

    private Points zip(Points other, DoubleBinaryOperator f) {
        if (other.size() != size()) {
            throw new IllegalArgumentException(size() + " rows and " + other.size());
        }
        return new Points(IntStream.range(0, size())
                .mapToObj(i -> IntStream.range(0, row(i).length)
                        .mapToDouble(j -> f.applyAsDouble(row(i)[j], other.row(i)[j]))
                        .toArray())
                .toArray(double[][]::new));
    }

    @Override
    public Points plus(Points other) {
        return zip(other, Double::sum);
    }

    @Override
    public Points minus(Points other) {
        return zip(other, (a, b) -> a - b);
    }

    @Override
    public Points times(double factor) {
        return map(v -> v * factor);
    }

    @Override
    public Points times(Points other) {
        return zip(other, (a, b) -> a * b);
    }

    @Override
    public Points dividedBy(Points other) {
        return zip(other, (a, b) -> a / b);
    }

    @Override
    public Points plus(double number) {
        return map(v -> v + number);
    }

    @Override
    public Points sqrt() {
        return map(Math::sqrt);
    }

    @Override
    public Points timesRows(double[] factors) {
        return new Points(IntStream.range(0, size())
                .mapToObj(i -> Arrays.stream(row(i)).map(v -> v * factors[i]).toArray())
                .toArray(double[][]::new));
    }

    @Override
    public double[] dotRows(Points other) {
        return IntStream.range(0, size())
                .mapToDouble(i -> {
                    double sum = 0;
                    for (int j = 0; j < row(i).length; j++) {
                        sum += row(i)[j] * other.row(i)[j];
                    }
                    return sum;
                })
                .toArray();
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
