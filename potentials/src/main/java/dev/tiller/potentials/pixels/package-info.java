// SPDX-License-Identifier: Apache-2.0
/** Pictures in 8 bits, resized and cut as PIL does it, for networks that were trained on such pictures. */
@NullMarked
package dev.tiller.potentials.pixels;

import org.jspecify.annotations.NullMarked;
