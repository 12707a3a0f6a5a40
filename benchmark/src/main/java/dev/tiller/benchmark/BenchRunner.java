// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.benchmark.BenchPlan.Unit;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Makes what a plan asks for, in this process or elsewhere. */
public interface BenchRunner extends AutoCloseable {
    /** The plan with what its pictures depend on, as its folder holds it. */
    JsonNode planJson();

    /** SHA-256 of everything that a unit of the plan depends on. */
    String recipe(Unit unit);

    /**
     * Makes the units that a folder lacks, or a part of them.
     *
     * @param units in the order of the plan
     * @param progress hears of every unit that is there or was made
     * @param stopped is asked now and then, after each step of a run where it is made in this process
     * @return whether all of them are there
     * @throws dev.tiller.run.TillerException if a method spent more than its cell may
     */
    boolean run(BenchFolder folder, List<Unit> units, BenchListener progress, BooleanSupplier stopped);

    @Override
    void close();
}
