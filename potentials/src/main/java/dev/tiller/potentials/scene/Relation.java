// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.Locale;

/** How one object lies to another. */
public enum Relation {
    LEFT_OF(-1, 0),
    RIGHT_OF(1, 0),
    ABOVE(0, -1),
    BELOW(0, 1);

    /** GenEval's: the part of the summed sizes by which centres must differ before a relation is seen. */
    private static final double THRESHOLD = 0.1;

    private final int dx;
    private final int dy;

    Relation(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }

    /** Whether a stands so to b by GenEval's rule: the offset of centres, less a tenth of both sizes, points that way. */
    public boolean holds(Box a, Box b) {
        double x = a.centreX() - b.centreX();
        double y = a.centreY() - b.centreY();
        double norm = Math.hypot(x, y);
        return norm > 0
                && (dx * revised(x, a.width() + b.width()) + dy * revised(y, a.height() + b.height())) / norm > 0.5;
    }

    private static double revised(double offset, double sizes) {
        double left = Math.max(Math.abs(offset) - THRESHOLD * sizes, 0);
        return left < 1e-3 ? 0 : left * Math.signum(offset);
    }

    /** Whether centre a stands so to centre b as scenes of a relation are drawn: clearly, and along one axis. */
    boolean isClear(double ax, double ay, double bx, double by) {
        double along = dx * (ax - bx) + dy * (ay - by);
        double across = dx != 0 ? ay - by : ax - bx;
        return along > 14 && Math.abs(across) < 0.7 * along;
    }

    /** The words in captions. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
