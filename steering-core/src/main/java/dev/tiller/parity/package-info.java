// SPDX-License-Identifier: Apache-2.0
/**
 * Parity with the reference libraries: reads directories of reference numbers, has each computed again by whoever
 * knows how ({@link dev.tiller.parity.ParityCase}, found by {@link java.util.ServiceLoader}), and reports every
 * tensor's error against its tolerance.
 */
@NullMarked
package dev.tiller.parity;

import org.jspecify.annotations.NullMarked;
