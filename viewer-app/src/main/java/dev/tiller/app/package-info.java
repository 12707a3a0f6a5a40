// SPDX-License-Identifier: Apache-2.0
/** The command line: reads what is asked, wires model, reward and engine together, says what came of it. */
@NullMarked
package dev.tiller.app;

import org.jspecify.annotations.NullMarked;
