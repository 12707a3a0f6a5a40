// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

/**
 * How far an element may lie from its reference.
 *
 * @param atol absolute part
 * @param rtol part of the largest element of the reference, usually 0
 */
public record Tolerance(double atol, double rtol) {
    /** The largest error allowed of any element, if the largest finite element of the reference is that large. */
    public double allowed(double largest) {
        return atol + rtol * largest;
    }
}
