// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.Iterator;

/**
 * Any method, one step at a time: the caller may watch, stop, or go on. Closing a run that has steps left cancels it.
 * Whatever happens, the listeners hear exactly one {@link RunEvent.RunEnded}.
 */
public interface Run extends Iterator<StepReport>, AutoCloseable {
    /**
     * Makes one step. An exception from it is the end of the run; the listeners have heard of it before.
     *
     * @throws java.util.NoSuchElementException if the run has ended
     */
    @Override
    StepReport next();

    /** Makes the steps that are left. */
    default void finish() {
        while (hasNext()) {
            next();
        }
    }

    @Override
    void close();
}
