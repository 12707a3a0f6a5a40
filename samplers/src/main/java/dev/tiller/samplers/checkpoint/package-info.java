// SPDX-License-Identifier: Apache-2.0
/** Checkpoints in diffusers format: what a folder holds, and the model that it makes. */
@NullMarked
package dev.tiller.samplers.checkpoint;

import org.jspecify.annotations.NullMarked;
