// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

/**
 * A differentiable map of batches that works row by row, and its vector-Jacobian product. Maps compose by {@link #then};
 * gradients cross modules in no other way.
 *
 * @param <X> what it reads, kept by the caller
 * @param <Y> what it gives, owned by the caller
 */
public interface Pullback<X, Y extends AutoCloseable> {
    /** y = f(x), without any record. */
    Y apply(X x);

    /** y = f(x), with what is needed to pull cotangents back to x; x must live until the tape is closed. */
    Tape<X, Y> tape(X x);

    /**
     * One evaluation, remembered. Closing it closes {@link #value()} too.
     *
     * @param <X> what was read
     * @param <Y> what came out
     */
    interface Tape<X, Y> extends AutoCloseable {
        /** f(x), owned by the tape. */
        Y value();

        /** J(x)ᵀ·cotangent, of x's shape and owned by the caller. May be called more than once. */
        X pull(Y cotangent);

        @Override
        void close();
    }

    /** g after this map. */
    default <Z extends AutoCloseable> Pullback<X, Z> then(Pullback<Y, Z> g) {
        return new Composition<>(this, g);
    }
}
