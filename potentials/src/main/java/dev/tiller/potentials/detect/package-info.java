// SPDX-License-Identifier: Apache-2.0
/** Objects in photographs: found by DETR, their colours told by CLIP. */
@NullMarked
package dev.tiller.potentials.detect;

import org.jspecify.annotations.NullMarked;
