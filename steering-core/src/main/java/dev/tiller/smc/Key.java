// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.random.RandomGenerator;

/**
 * Splittable, immutable source of randomness: the same path of tags gives the same stream, in any order and any batch
 * size.
 */
public record Key(long state) {
    /** The key of a seed. */
    public static Key of(long seed) {
        // Mixed twice, or the child t of seed s would be the child s of seed t.
        return new Key(mix(mix(seed + 0x9E3779B97F4A7C15L) + 0xD1B54A32D192ED03L));
    }

    /** A child; children of different tags are independent of each other and of their parent. */
    public Key at(long tag) {
        return new Key(mix(state ^ mix(tag + 0x9E3779B97F4A7C15L)) + 0xD1B54A32D192ED03L);
    }

    /** A generator that starts afresh at each call. */
    public RandomGenerator generator() {
        return new java.util.SplittableRandom(mix(state));
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014, variant 13 of Stafford). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
