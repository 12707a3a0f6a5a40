// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

/** Hears the events of one run, in order, on the thread of the run. A replayed log and a live run sound the same. */
@FunctionalInterface
public interface RunListener {
    void on(RunEvent event);
}
