// SPDX-License-Identifier: Apache-2.0
/**
 * Layers of networks: small objects built from a {@link dev.tiller.tensor.Weights} cursor that stands where the layer's
 * own keys are, and applied to tensors. Their weights belong to the scope that is open when they are built.
 */
@NullMarked
package dev.tiller.nn;

import org.jspecify.annotations.NullMarked;
