// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

/**
 * One evaluation of the network at x_t. What it returns is the caller's, except {@link #clean()} and {@link #mean()}, which
 * live as long as the look.
 *
 * @param <X> the batch
 */
public interface Look<X> extends AutoCloseable {
    /** E[x₀ | x_t]. */
    X clean();

    /** The mean of x_(t-1). */
    X mean();

    /**
     * The mean of x_(t-1) had the network predicted another clean sample: the noise that it predicts is then
     * (x_t − α x₀)/σ. A solver's memory is made from it too.
     *
     * @param clean kept by the caller
     */
    X mean(X clean);

    /**
     * (∂clean/∂x_t)ᵀ · cotangent.
     *
     * @throws IllegalStateException if the look was not taken with a tape, as for a guide that says it does not
     *     {@linkplain Guide#pulls pull}
     */
    X pull(X cotangent);

    @Override
    void close();
}
