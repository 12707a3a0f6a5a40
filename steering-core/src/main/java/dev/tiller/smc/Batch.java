// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.stream.IntStream;

/**
 * N rows living on one device. Whoever receives a batch closes it; whoever passes one keeps it.
 *
 * @param <X> the batch's own type
 */
public interface Batch<X extends Batch<X>> extends AutoCloseable {
    /** The number of rows, at least 0. */
    int size();

    /**
     * A new batch whose row i is a copy of this batch's row {@code rows[i]}; a row may be named any number of times.
     *
     * @throws IndexOutOfBoundsException if a row is not in [0, size)
     */
    X gather(int[] rows);

    /** A new batch of the same rows. */
    default X copy() {
        return gather(IntStream.range(0, size()).toArray());
    }

    @Override
    void close();
}
