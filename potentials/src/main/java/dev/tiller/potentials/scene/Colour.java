// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.Locale;

/** The palette; channels in [0, 1]. */
@SuppressWarnings("ImmutableEnumChecker") // the array is written by the constructor only
public enum Colour {
    RED(220, 40, 40),
    ORANGE(240, 140, 30),
    YELLOW(240, 220, 50),
    GREEN(50, 170, 70),
    BLUE(50, 90, 220),
    PURPLE(140, 60, 190),
    PINK(245, 140, 190),
    BROWN(130, 80, 40),
    BLACK(25, 25, 25),
    WHITE(250, 250, 250);

    private final double[] rgb;

    Colour(int r, int g, int b) {
        rgb = new double[] {r / 255.0, g / 255.0, b / 255.0};
    }

    /** Channel 0 (red), 1 (green) or 2 (blue) in [0, 1]. */
    public double channel(int c) {
        return rgb[c];
    }

    /** The palette colour nearest in RGB. */
    public static Colour nearest(double red, double green, double blue) {
        var best = RED;
        double least = Double.POSITIVE_INFINITY;
        for (var colour : values()) {
            double r = red - colour.rgb[0];
            double g = green - colour.rgb[1];
            double b = blue - colour.rgb[2];
            double d = r * r + g * g + b * b;
            if (d < least) {
                least = d;
                best = colour;
            }
        }
        return best;
    }

    /** The word in captions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
