// SPDX-License-Identifier: Apache-2.0
/** Rewards by CLIP (Radford et al., 2021): how well a picture agrees with its prompt. */
@NullMarked
package dev.tiller.potentials.clip;

import org.jspecify.annotations.NullMarked;
