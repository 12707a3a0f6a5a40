// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.smc.Key;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/** Where a sampler's first sample comes from. */
@FunctionalInterface
public interface Noise {
    /** Our own: row i is standard normal noise drawn from {@code key.at(i)}, whatever the number of rows. */
    Noise KEYED = Noise::normal;

    /**
     * Standard normal noise.
     *
     * @param rowShape the shape of one row
     * @return n × rowShape, float32 on the CPU; the caller closes it
     */
    Tensor rows(int n, Key key, long... rowShape);

    /**
     * The noise that PyTorch draws on a CPU for the whole batch from one generator of this seed, as diffusers does: the
     * same seed and number of particles give the same first sample there and here.
     */
    static Noise torch(long seed) {
        return (n, key, rowShape) -> Kernels.randn(seed, shape(n, rowShape));
    }

    /**
     * This noise for the first channels of each row, drawn as for rows that have no others; the others are our own.
     *
     * @param channels how many, at most those of a row
     */
    default Noise forFirst(int channels) {
        return (n, key, rowShape) -> {
            if (this == KEYED || rowShape[0] == channels) {
                return rows(n, key, rowShape);
            }
            var first = rowShape.clone();
            var others = rowShape.clone();
            first[0] = channels;
            others[0] -= channels;
            try (var scope = Scope.open()) {
                return scope.keep(Tensor.concat(1, rows(n, key, first), KEYED.rows(n, key, others)));
            }
        };
    }

    private static Tensor normal(int n, Key key, long... rowShape) {
        int row = 1;
        for (long size : rowShape) {
            row = Math.multiplyExact(row, Math.toIntExact(size));
        }
        var values = new float[Math.multiplyExact(n, row)];
        for (int i = 0; i < n; i++) {
            var random = key.at(i).generator();
            for (int j = 0; j < row; j++) {
                values[i * row + j] = (float) random.nextGaussian();
            }
        }
        return Tensor.of(values, shape(n, rowShape));
    }

    private static long[] shape(int n, long[] rowShape) {
        var shape = new long[rowShape.length + 1];
        shape[0] = n;
        System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
        return shape;
    }
}
