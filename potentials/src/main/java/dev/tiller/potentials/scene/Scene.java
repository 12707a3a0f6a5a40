// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Box;
import java.util.List;

/**
 * What a picture of the scene world shows.
 *
 * @param background colour of the middle
 * @param gradientX grey added from the left edge to the right one
 * @param gradientY grey added from top to bottom
 * @param things at most four, none over another
 */
public record Scene(Rgb background, double gradientX, double gradientY, List<Thing> things) {
    /** Channels in [0, 1]. */
    public record Rgb(double red, double green, double blue) {
        double channel(int c) {
            return c == 0 ? red : c == 1 ? green : blue;
        }
    }

    /**
     * One object.
     *
     * @param x centre in pixels
     * @param y centre in pixels, growing downward
     * @param radius in pixels
     * @param tint added to the palette colour
     */
    public record Thing(Shape shape, Colour colour, double x, double y, double radius, Rgb tint) {
        public Box box() {
            return shape.box(x, y, radius);
        }
    }

    public Scene {
        things = List.copyOf(things);
    }
}
