// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * The outcome of a resampling.
 *
 * @param ancestors new particle i is a copy of old particle {@code ancestors[i]}
 * @param weights of the new particles
 */
public record Ancestry(int[] ancestors, LogWeights weights) {}
