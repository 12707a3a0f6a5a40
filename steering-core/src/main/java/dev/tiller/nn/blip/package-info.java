// SPDX-License-Identifier: Apache-2.0
/**
 * BLIP (Li et al. 2022, arXiv:2201.12086): a picture tower, and a text tower that looks at the picture while it reads, in
 * the key layouts of transformers and of the original, which ImageReward uses.
 */
@NullMarked
package dev.tiller.nn.blip;

import org.jspecify.annotations.NullMarked;
