// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * What one move of a {@link Kernel} gives; closing it closes both batches.
 *
 * @param next x_(t-1), owned by the receiver
 * @param clean E[x_0 | x_t], what a reward may look at early; owned by the receiver
 * @param logCorrection for each row log M(x_t, x_(t-1)) - log M~(x_t, x_(t-1)) where the move was drawn from a guided
 *     proposal M~ instead of M; zeros otherwise; -infinity gives the particle up
 */
public record Move<X extends Batch<X>>(X next, X clean, double[] logCorrection) implements AutoCloseable {
    /** @throws IllegalArgumentException if there is not one correction for each row */
    public Move {
        if (logCorrection.length != next.size()) {
            throw new IllegalArgumentException(logCorrection.length + " corrections for " + next.size() + " particles");
        }
    }

    /** A move that the sampler itself has drawn: nothing is to be corrected. */
    public Move(X next, X clean) {
        this(next, clean, new double[next.size()]);
    }

    @Override
    public void close() {
        next.close();
        if (clean != next) {
            clean.close();
        }
    }
}
