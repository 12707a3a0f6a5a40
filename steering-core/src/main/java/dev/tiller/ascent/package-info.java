// SPDX-License-Identifier: Apache-2.0
/**
 * Optimisation of noise: what a model makes is changed by changing the noise that it starts from, uphill along a reward's
 * gradient ({@link dev.tiller.ascent.NoiseAscent}) or, for rewards that have none, by trial
 * ({@link dev.tiller.ascent.NoiseSearch}). JDK only.
 */
@NullMarked
package dev.tiller.ascent;

import org.jspecify.annotations.NullMarked;
