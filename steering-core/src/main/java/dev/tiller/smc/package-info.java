// SPDX-License-Identifier: Apache-2.0
/** Sequential Monte Carlo on any sampler: particles, potentials, resampling. Knows no tensors. */
@NullMarked
package dev.tiller.smc;

import org.jspecify.annotations.NullMarked;
