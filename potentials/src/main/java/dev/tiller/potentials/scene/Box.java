// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

/** A rectangle in pixels; y grows downward. */
public record Box(double left, double top, double right, double bottom) {
    public double centreX() {
        return (left + right) / 2;
    }

    public double centreY() {
        return (top + bottom) / 2;
    }

    public double width() {
        return right - left;
    }

    public double height() {
        return bottom - top;
    }
}
