// SPDX-License-Identifier: Apache-2.0
/** A judge to try the reward {@code judge} with, here and now: a small HTTP server that knows the scene world. */
@NullMarked
package dev.tiller.examples.judge;

import org.jspecify.annotations.NullMarked;
