// SPDX-License-Identifier: Apache-2.0
/** Rewards of noised latents, r(x_t, t), for guidance without a way back through the denoising network. */
@NullMarked
package dev.tiller.potentials.noisy;

import org.jspecify.annotations.NullMarked;
