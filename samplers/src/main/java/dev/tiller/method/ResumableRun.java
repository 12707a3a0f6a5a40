// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.Decision;
import dev.tiller.run.Run;
import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensorsWriter;

/** A run that can be put away between two steps and gone on with, in another process too. */
public interface ResumableRun extends Run {
    /** The final order of the slots, best first; before the end, the order now. */
    int[] order();

    /** Adds everything that the rest of the run follows from. */
    void save(SafeTensorsWriter to);

    /**
     * Does what a person decided, before the next step.
     *
     * @throws TillerException if it cannot be; the run is as it was then
     */
    default void decide(Decision decision) {
        throw new TillerException("Only particles can be steered by hand (" + decision.text()
                + "), not the noises of this method; choose a method of particles, such as fk.");
    }
}
