// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

/** Computes the results of some kind of golden directory again; found by {@link java.util.ServiceLoader}. */
public interface ParityCase {
    /** Whether it is for this case to compute; at most one says so. */
    boolean handles(Golden golden);

    /**
     * Computes every result and hands each to {@link ParityReport#compare}. A result that it hands over neither there
     * nor to {@link ParityReport#notSupported} counts as a failure, save for gradients.
     *
     * @throws RuntimeException which the report lists as a failure
     */
    void run(Golden golden, ParityReport report);
}
