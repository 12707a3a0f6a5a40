// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Locale;

/**
 * A colour to draw with.
 *
 * @param rgb sRGB, 0xRRGGBB
 * @param opacity in [0, 1]
 */
public record Ink(int rgb, double opacity) {
    /** An opaque colour, such as {@code 0969da}. */
    static Ink of(String hex) {
        return new Ink(Integer.parseInt(hex, 16), 1);
    }

    public Ink faint(double factor) {
        return new Ink(rgb, opacity * factor);
    }

    /** Such as {@code #0969da}. */
    public String hex() {
        return String.format(Locale.ROOT, "#%06x", rgb);
    }
}
