// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Box;
import java.util.Locale;

/**
 * The ten shapes, as signed distances for radius 1 around the origin; y grows downward. A shape of radius r at (x, y)
 * covers a pixel by {@code clamp(0.5 - r d((p - centre) / r), 0, 1)}.
 */
@SuppressWarnings("ImmutableEnumChecker") // its fields are written by the constructor only
public enum Shape {
    CIRCLE((x, y) -> Math.hypot(x, y) - 0.92),
    SQUARE((x, y) -> Math.max(Math.abs(x), Math.abs(y)) - 0.82),
    TRIANGLE(lowered(SignedDistance.polygon(3, -90, 1.1))),
    STAR(SignedDistance.polygon(10, -90, 1.1, 0.48)),
    HEART(SignedDistance::heart),
    DIAMOND((x, y) -> (1.25 * Math.abs(x) + Math.abs(y) - 1.1) / 1.6),
    CROSS((x, y) ->
            Math.min(Math.max(Math.abs(x) - 1, Math.abs(y) - 0.34), Math.max(Math.abs(x) - 0.34, Math.abs(y) - 1))),
    RING((x, y) -> Math.abs(Math.hypot(x, y) - 0.7) - 0.27),
    MOON((x, y) -> Math.max(Math.hypot(x, y) - 0.95, 0.78 - Math.hypot(x - 0.48, y))),
    HEXAGON(SignedDistance.polygon(6, 0, 1));

    private static final float REACH = 1.7f;
    private static final int CELLS = 64;
    /** {@code 2 REACH CELLS + 1} knots on each side. */
    private static final int WIDTH = 219;

    private final SignedDistance distance;
    private final float[] table;
    private final Box extent;
    private final double area;
    private final double centroidX;
    private final double centroidY;

    Shape(SignedDistance distance) {
        this.distance = distance;
        double step = 0.005;
        double left = 2;
        double top = 2;
        double right = -2;
        double bottom = -2;
        double count = 0;
        double sumX = 0;
        double sumY = 0;
        for (double y = -1.3; y <= 1.3; y += step) {
            for (double x = -1.3; x <= 1.3; x += step) {
                if (distance.at(x, y) <= 0) {
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                    count++;
                    sumX += x;
                    sumY += y;
                }
            }
        }
        table = new float[WIDTH * WIDTH];
        for (int i = 0; i < table.length; i++) {
            int row = i / WIDTH;
            int column = i % WIDTH;
            table[i] = (float) distance.at((double) column / CELLS - REACH, (double) row / CELLS - REACH);
        }
        this.extent = new Box(left, top, right, bottom);
        this.area = count * step * step;
        this.centroidX = sumX / count;
        this.centroidY = sumY / count;
    }

    private static SignedDistance lowered(SignedDistance d) {
        return (x, y) -> d.at(x, y + 0.12);
    }

    /** Signed distance for radius 1, negative inside. */
    public double distance(double x, double y) {
        return distance.at(x, y);
    }

    /** The bounding box for radius 1 around the origin. */
    public Box extent() {
        return extent;
    }

    /** The bounding box of the shape of radius r at (x, y). */
    public Box box(double x, double y, double r) {
        return new Box(x + r * extent.left(), y + r * extent.top(), x + r * extent.right(), y + r * extent.bottom());
    }

    /** The distance by bilinear interpolation in a table; right to 0.01 within 1.7 of the origin, and large beyond. */
    float tabulated(float x, float y) {
        float column = (x + REACH) * CELLS;
        float row = (y + REACH) * CELLS;
        if (!(column >= 0 && row >= 0 && column < WIDTH - 1 && row < WIDTH - 1)) {
            return REACH;
        }
        int i = ((int) row) * WIDTH + (int) column;
        float fx = column - (int) column;
        float fy = row - (int) row;
        float upper = table[i] + fx * (table[i + 1] - table[i]);
        float lower = table[i + WIDTH] + fx * (table[i + WIDTH + 1] - table[i + WIDTH]);
        return upper + fy * (lower - upper);
    }

    double area() {
        return area;
    }

    double centroidX() {
        return centroidX;
    }

    double centroidY() {
        return centroidY;
    }

    /** The word in captions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The word in captions for several. */
    public String plural() {
        return this == CROSS ? "crosses" : word() + "s";
    }
}
