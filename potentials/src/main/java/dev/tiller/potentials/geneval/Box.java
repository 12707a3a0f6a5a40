// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

/** A rectangle in pixels; y grows downward. As GenEval's, it may name its corners in any order. */
public record Box(double left, double top, double right, double bottom) {
    public double centreX() {
        return (left + right) / 2;
    }

    public double centreY() {
        return (top + bottom) / 2;
    }

    public double width() {
        return Math.abs(right - left);
    }

    public double height() {
        return Math.abs(bottom - top);
    }
}
