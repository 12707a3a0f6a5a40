// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

/** Hears of the units of a benchmark as they come. */
@FunctionalInterface
public interface BenchListener {
    /** This one was made. */
    void made(UnitRecord unit);

    /** This one was there already. */
    default void kept(UnitRecord unit) {}
}
