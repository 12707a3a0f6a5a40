// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.smc.Batch;
import java.util.stream.IntStream;

/** Rows of one number each. */
record Numbers(double... rows) implements Batch<Numbers> {
    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public Numbers gather(int[] which) {
        return new Numbers(IntStream.of(which).mapToDouble(i -> rows[i]).toArray());
    }

    @Override
    public void close() {}
}
