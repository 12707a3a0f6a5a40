// SPDX-License-Identifier: Apache-2.0
/** The only importer of the native engine: tensors, kernels, weights on a device. */
@NullMarked
package dev.tiller.tensor;

import org.jspecify.annotations.NullMarked;
