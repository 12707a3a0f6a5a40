// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** Rows of one number each, counted while they live. */
public final class ToyBatch implements Batch<ToyBatch> {
    private static final AtomicInteger ALIVE = new AtomicInteger();

    private final double[] values;
    private boolean closed;

    public ToyBatch(double... values) {
        this.values = values;
        ALIVE.incrementAndGet();
    }

    /** Batches made and not closed. */
    public static int alive() {
        return ALIVE.get();
    }

    public double get(int row) {
        if (closed) {
            throw new IllegalStateException("used after it was closed");
        }
        return values[row];
    }

    public double[] toArray() {
        get(0);
        return values.clone();
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public ToyBatch gather(int[] rows) {
        return new ToyBatch(Arrays.stream(rows).mapToDouble(this::get).toArray());
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
