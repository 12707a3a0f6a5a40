// SPDX-License-Identifier: Apache-2.0
/** Autoencoders between pictures and latents: AutoencoderKL and AutoencoderTiny, each as a decoder and an encoder. */
@NullMarked
package dev.tiller.samplers.vae;

import org.jspecify.annotations.NullMarked;
