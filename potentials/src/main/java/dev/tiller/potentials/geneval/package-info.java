// SPDX-License-Identifier: Apache-2.0
/**
 * GenEval's rules (Ghosh et al. 2023, "GenEval: An object-focused framework for evaluating text-to-image alignment"): what a
 * prompt asks for, and whether detected objects fulfil it. Knows no pictures and no detector.
 */
@NullMarked
package dev.tiller.potentials.geneval;

import org.jspecify.annotations.NullMarked;
