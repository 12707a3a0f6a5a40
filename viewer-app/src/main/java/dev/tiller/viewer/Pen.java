// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

/**
 * Draws on something, back to front: on the window, into a picture, into an SVG. What is drawn with it looks the same on
 * all of them. Coordinates are in pixels from the upper left.
 */
public interface Pen {
    /** Which end of a text is at its place. */
    enum Anchor {
        LEFT,
        CENTRE,
        RIGHT
    }

    void line(Ink ink, double width, double x1, double y1, double x2, double y2);

    /**
     * Many lines of one ink, which some pens draw faster than one after the other.
     *
     * @param ends of each line its beginning and its end: x1, y1, x2, y2
     */
    default void lines(Ink ink, double width, double[] ends) {
        for (int i = 0; i + 3 < ends.length; i += 4) {
            line(ink, width, ends[i], ends[i + 1], ends[i + 2], ends[i + 3]);
        }
    }

    /**
     * Many curves that leave and arrive horizontally, of one ink.
     *
     * @param ends as of {@link #lines}
     */
    default void bends(Ink ink, double width, double[] ends) {
        for (int i = 0; i + 3 < ends.length; i += 4) {
            bend(ink, width, ends[i], ends[i + 1], ends[i + 2], ends[i + 3]);
        }
    }

    /**
     * Many dots of one ink.
     *
     * @param circles of each dot its place and radius: x, y, radius
     */
    default void dots(Ink ink, double[] circles) {
        for (int i = 0; i + 2 < circles.length; i += 3) {
            dot(ink, circles[i], circles[i + 1], circles[i + 2]);
        }
    }

    void dashed(Ink ink, double width, double x1, double y1, double x2, double y2);

    /** A curve that leaves and arrives horizontally. */
    void bend(Ink ink, double width, double x1, double y1, double x2, double y2);

    void dot(Ink ink, double x, double y, double radius);

    /** A filled rectangle. */
    void box(Ink ink, double x, double y, double width, double height);

    /** The border of a rectangle. */
    void frame(Ink ink, double stroke, double x, double y, double width, double height);

    /** @param y the upper end of the letters */
    void text(Ink ink, double size, Anchor anchor, double x, double y, String text);

    /**
     * A picture by the SHA-256 of its file.
     *
     * @return whether it is there to be drawn
     */
    boolean picture(String sha256, double opacity, double x, double y, double width, double height);
}
