// SPDX-License-Identifier: Apache-2.0
/** examples */
@NullMarked
package dev.tiller.examples;

import org.jspecify.annotations.NullMarked;
