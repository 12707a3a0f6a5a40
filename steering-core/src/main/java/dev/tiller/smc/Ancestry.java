// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * The outcome of a resampling.
 *
 * @param ancestors new particle i is a copy of old particle {@code ancestors[i]}
 * @param weights of the new particles, one for each
 */
public record Ancestry(int[] ancestors, LogWeights weights) {
    /** @throws IllegalArgumentException if there is not one weight for each new particle */
    public Ancestry {
        if (ancestors.length != weights.size()) {
            throw new IllegalArgumentException(ancestors.length + " ancestors and " + weights.size() + " weights");
        }
    }
}
