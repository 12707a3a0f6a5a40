// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import org.jspecify.annotations.Nullable;

/**
 * An object found in a picture.
 *
 * @param type its class, such as {@code dog}
 * @param score the detector's confidence
 * @param colour what its pixels were classified as; null where nobody said
 */
public record Detection(
        String type, double score, Box box, @Nullable String colour) {}
