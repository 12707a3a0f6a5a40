// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.Decision;
import dev.tiller.run.StepReport;
import dev.tiller.samplers.Judges;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.Map;

/** A run with whose state is saved what its rewards keep of the populations they have seen. */
record Remembering(ResumableRun run, Judges judges) implements ResumableRun {
    private static final String PREFIX = "remembered.";

    /** What was saved; empty in states of before rewards kept anything. */
    static Map<String, double[]> memories(SafeTensors state) {
        return Saved.byName(state, PREFIX);
    }

    @Override
    public void save(SafeTensorsWriter to) {
        run.save(to);
        save(judges, to);
    }

    /** Adds what {@link #memories} reads. */
    static void save(Judges judges, SafeTensorsWriter to) {
        judges.memories().forEach((name, memory) -> to.add(PREFIX + name, memory, memory.length));
    }

    @Override
    public void decide(Decision decision) {
        run.decide(decision);
    }

    @Override
    public boolean hasNext() {
        return run.hasNext();
    }

    @Override
    public StepReport next() {
        return run.next();
    }

    @Override
    public int[] order() {
        return run.order();
    }

    @Override
    public void close() {
        run.close();
    }
}
