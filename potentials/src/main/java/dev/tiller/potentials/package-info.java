// SPDX-License-Identifier: Apache-2.0
/** What rewards of pictures share; the rewards themselves are in the packages below. */
@NullMarked
package dev.tiller.potentials;

import org.jspecify.annotations.NullMarked;
