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

    /** This colour with a share of another, in [0, 1]. */
    Ink mixed(Ink other, double share) {
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int mine = rgb >> shift & 0xFF;
            int theirs = other.rgb >> shift & 0xFF;
            mixed |= (int) Math.round(mine + share * (theirs - mine)) << shift;
        }
        return new Ink(mixed, opacity);
    }

    /** Such as {@code #0969da}. */
    public String hex() {
        return String.format(Locale.ROOT, "#%06x", rgb);
    }
}
