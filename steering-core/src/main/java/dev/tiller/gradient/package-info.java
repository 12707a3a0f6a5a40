// SPDX-License-Identifier: Apache-2.0
/**
 * Derivatives without tensors: batches as vectors, maps with their vector-Jacobian products, rewards with gradients. JDK
 * only, so that what climbs or follows a gradient is tested on plain numbers.
 */
@NullMarked
package dev.tiller.gradient;

import org.jspecify.annotations.NullMarked;
