// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.geneval.Detection;

/**
 * An object that the verifier sees.
 *
 * @param score overlap of the fitted shape with what is there, in [0, 1]
 */
public record FoundObject(Shape shape, Colour colour, Box box, double score) {
    /** In the words of captions. */
    public Detection detection() {
        return new Detection(shape.word(), score, box, colour.word());
    }
}
