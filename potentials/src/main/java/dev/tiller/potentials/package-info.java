// SPDX-License-Identifier: Apache-2.0
/** potentials */
@NullMarked
package dev.tiller.potentials;

import org.jspecify.annotations.NullMarked;
