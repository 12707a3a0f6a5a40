// SPDX-License-Identifier: Apache-2.0
/**
 * The scene world of the embedded model, and a verifier of pictures of it that has no learned weights: what a picture
 * shows is found by fitting the ten shapes, and judged by GenEval's rules (Ghosh et al., 2023). Drawing, finding and
 * judging work on plain bytes and know no tensors.
 */
@NullMarked
package dev.tiller.potentials.scene;

import org.jspecify.annotations.NullMarked;
