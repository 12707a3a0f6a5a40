// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

/**
 * An object that the verifier sees.
 *
 * @param score overlap of the fitted shape with what is there, in [0, 1]
 */
public record FoundObject(Shape shape, Colour colour, Box box, double score) {}
