// SPDX-License-Identifier: Apache-2.0
/**
 * Schedulers: how a network's output moves a sample from one noise level to the next.
 *
 * <p>One convention for all: at a step the sample is x = α x₀ + σ n, and a {@link Step} is a table of scalars, from which
 * x₀'s estimate and the next sample are linear combinations. Solvers make tables and see no tensor; applying a table is the
 * same few lines for every solver, and the history of multistep solvers travels with the particles ({@link Latents}).
 */
@NullMarked
package dev.tiller.samplers.scheduler;

import org.jspecify.annotations.NullMarked;
