// SPDX-License-Identifier: Apache-2.0
/**
 * The conditional UNet of latent diffusion models (Rombach et al. 2022, section 3.3), in the layout of diffusers'
 * {@code UNet2DConditionModel}: Stable Diffusion 1.x, 2.x and XL, inpainting, LCM.
 *
 * <pre>
 * sample ── conv_in ── down blocks ──────────┐ skips
 *                          └── mid block ── up blocks ── norm, silu, conv_out ── prediction
 * time ──── sinusoid ── MLP ──► every {@link dev.tiller.samplers.unet.ResnetBlock}
 * prompt ── keys, values ─────► every cross-attention of a {@link dev.tiller.samplers.unet.TransformerBlock}
 * </pre>
 */
@NullMarked
package dev.tiller.samplers.unet;

import org.jspecify.annotations.NullMarked;
