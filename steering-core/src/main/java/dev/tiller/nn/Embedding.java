// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;

/** A table of vectors looked up by number. */
public final class Embedding {
    private final Tensor table;

    /** Reads the table, V×C. */
    public Embedding(Weights weights) {
        this.table = weights.get("weight");
    }

    /** ids int64 of any shape, each in [0, V), to the same shape × C. */
    public Tensor apply(Tensor ids) {
        return Kernels.embedding(ids, table);
    }

    /** The whole table, V×C. */
    public Tensor table() {
        return table;
    }
}
