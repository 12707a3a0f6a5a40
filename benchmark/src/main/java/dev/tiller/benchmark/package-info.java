// SPDX-License-Identifier: Apache-2.0
/** benchmark */
@NullMarked
package dev.tiller.benchmark;

import org.jspecify.annotations.NullMarked;
