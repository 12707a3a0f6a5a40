// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

/** Distance of a point to the outline of a shape, negative inside. */
@FunctionalInterface
interface SignedDistance {
    double at(double x, double y);

    /** The polygon whose corner i lies at angle {@code first + 360 i / n} degrees and radius {@code radii[i mod length]}. */
    static SignedDistance polygon(int corners, double first, double... radii) {
        var cx = new double[corners];
        var cy = new double[corners];
        for (int i = 0; i < corners; i++) {
            double angle = Math.toRadians(first) + 2 * Math.PI * i / corners;
            cx[i] = radii[i % radii.length] * Math.cos(angle);
            cy[i] = radii[i % radii.length] * Math.sin(angle);
        }
        return (x, y) -> {
            double nearest = Double.POSITIVE_INFINITY;
            boolean inside = false;
            for (int i = 0, j = corners - 1; i < corners; j = i++) {
                double ex = cx[j] - cx[i];
                double ey = cy[j] - cy[i];
                double wx = x - cx[i];
                double wy = y - cy[i];
                double t = Math.max(0, Math.min(1, (wx * ex + wy * ey) / (ex * ex + ey * ey)));
                double dx = wx - t * ex;
                double dy = wy - t * ey;
                nearest = Math.min(nearest, dx * dx + dy * dy);
                // A ray to the right crosses this edge.
                if ((cy[i] > y) != (cy[j] > y) && wx < ex * wy / ey) {
                    inside = !inside;
                }
            }
            return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
        };
    }

    /** Two lobes and a tip; the field is not a true distance near the tip, but its zero is the outline. */
    static double heart(double x, double y) {
        double u = 0.62 * Math.abs(x) / 0.95;
        double v = 0.62 * (0.45 - (y - 0.05) / 0.95 + 0.15);
        if (u + v > 1) {
            return (Math.hypot(u - 0.25, v - 0.75) - Math.sqrt(2) / 4) / 0.62;
        }
        double m = 0.5 * Math.max(u + v, 0);
        double squared = Math.min(u * u + (v - 1) * (v - 1), (u - m) * (u - m) + (v - m) * (v - m));
        return Math.sqrt(squared) * Math.signum(u - v) / 0.62;
    }
}
