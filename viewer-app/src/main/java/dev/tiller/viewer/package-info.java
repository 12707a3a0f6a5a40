// SPDX-License-Identifier: Apache-2.0
/** Draws runs from their events alone: it cannot tell a live run from a replayed one. */
@NullMarked
package dev.tiller.viewer;

import org.jspecify.annotations.NullMarked;
