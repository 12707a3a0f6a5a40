// SPDX-License-Identifier: Apache-2.0
/**
 * A diffusion model as a sampler: a {@link dev.tiller.samplers.DiffusionKernel} over the networks and the scheduler of a
 * checkpoint, its gradients, and what a reward is asked about it.
 */
@NullMarked
package dev.tiller.samplers;

import org.jspecify.annotations.NullMarked;
