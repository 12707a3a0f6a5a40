// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.Locale;

/** How one object lies to another. */
public enum Relation {
    LEFT_OF(-1, 0),
    RIGHT_OF(1, 0),
    ABOVE(0, -1),
    BELOW(0, 1);

    /** The part of the summed sizes by which the offset of the centres is shrunk. */
    private static final double SHRINK = 0.1;
    /** Pixels of the shrunk offset, on both axes, below which there is no relation. */
    private static final double NEGLIGIBLE = 1e-3;

    private final int dx;
    private final int dy;

    Relation(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }

    /**
     * Whether a stands so to b: the offset of their centres, shrunk on each axis by a tenth of both sizes there and divided
     * by the length of the offset before it was shrunk, exceeds 0.5 in this direction. On a diagonal two relations hold.
     */
    public boolean holds(Box a, Box b) {
        double x = a.centreX() - b.centreX();
        double y = a.centreY() - b.centreY();
        double shrunkX = shrunk(x, a.width() + b.width());
        double shrunkY = shrunk(y, a.height() + b.height());
        if (Math.abs(shrunkX) < NEGLIGIBLE && Math.abs(shrunkY) < NEGLIGIBLE) {
            return false;
        }
        return (dx * shrunkX + dy * shrunkY) / Math.sqrt(x * x + y * y) > 0.5;
    }

    private static double shrunk(double offset, double sizes) {
        return Math.max(Math.abs(offset) - SHRINK * sizes, 0) * Math.signum(offset);
    }

    /** The words in prompts, such as "left of". */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
