// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many particles there are, step by step. {@code Population.of(32).then(10, 8).then(30, 4)} is successive halving:
 * the first scoring at or after step 10 resamples 32 to 8. It may also grow.
 */
public final class Population {
    private final NavigableMap<Integer, Integer> sizeFrom;

    private Population(NavigableMap<Integer, Integer> sizeFrom) {
        this.sizeFrom = sizeFrom;
    }

    /**
     * The same number all the way.
     *
     * @throws TillerException if it is below 1
     */
    public static Population of(int particles) {
        return new Population(new TreeMap<>(Map.of(0, atLeastOne(particles))));
    }

    /**
     * This population, with another size from a step on.
     *
     * @throws TillerException if the size is below 1 or the step is not after the changes made before
     */
    public Population then(int step, int particles) {
        if (step <= sizeFrom.lastKey()) {
            throw new TillerException(
                    "The population's changes must come in the order of their steps, from step 1 on, but step " + step
                            + " follows step " + sizeFrom.lastKey() + ".");
        }
        var longer = new TreeMap<>(sizeFrom);
        longer.put(step, atLeastOne(particles));
        return new Population(longer);
    }

    /** The size that is wanted from {@code step} on. */
    public int at(int step) {
        return sizeFrom.floorEntry(step).getValue();
    }

    /** The size at the start. */
    public int first() {
        return at(0);
    }

    /** Whether it is the same number all the way. */
    public boolean isConstant() {
        return sizeFrom.size() == 1;
    }

    /** The step of the last change; 0 if there is none. */
    int lastChange() {
        return sizeFrom.lastKey();
    }

    private static int atLeastOne(int particles) {
        if (particles < 1) {
            throw new TillerException("The number of particles must be at least 1, but is " + particles + ".");
        }
        return particles;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Population that && sizeFrom.equals(that.sizeFrom);
    }

    @Override
    public int hashCode() {
        return sizeFrom.hashCode();
    }

    @Override
    public String toString() {
        return isConstant() ? Integer.toString(first()) : sizeFrom.toString();
    }
}
