// SPDX-License-Identifier: Apache-2.0
/** Rewards by BLIP, which reads the prompt while it looks at the picture. */
@NullMarked
package dev.tiller.potentials.blip;

import org.jspecify.annotations.NullMarked;
