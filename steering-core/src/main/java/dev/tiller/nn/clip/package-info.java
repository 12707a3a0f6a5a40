// SPDX-License-Identifier: Apache-2.0
/**
 * CLIP (Radford et al. 2021, arXiv:2103.00020): a text tower and a picture tower whose outputs meet in one space, in the
 * key layouts of published checkpoints, of transformers 5 and of open_clip; and SigLIP, its kin.
 */
@NullMarked
package dev.tiller.nn.clip;

import org.jspecify.annotations.NullMarked;
