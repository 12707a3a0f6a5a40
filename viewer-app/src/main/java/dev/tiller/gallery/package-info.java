// SPDX-License-Identifier: Apache-2.0
/**
 * The runs of a machine, found by their words: an index over the folders of runs. It holds nothing that the folders do not
 * hold, so it can be lost; and it reads records, so it needs no engine.
 */
@NullMarked
package dev.tiller.gallery;

import org.jspecify.annotations.NullMarked;
