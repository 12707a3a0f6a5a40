// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.pixels;

import java.util.Arrays;

/**
 * Resampling of one line of pixels with an antialiased kernel, widened by the scale when the line
 * becomes shorter, in fixed point with the precision that PIL has, so that results equal PIL's to the bit.
 */
public final class ResizeFilter {
    /** Bits after the point: 32 less 8 of a pixel and 2 of headroom for the kernel's overshoot. */
    private static final int PRECISION = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION - 1);

    /** How much a pixel counts by its distance. */
    public enum Kernel {
        /** A triangle. */
        BILINEAR(1) {
            @Override
            double weight(double x) {
                return Math.max(0, 1 - Math.abs(x));
            }
        },
        /** Keys' cubic with a = -1/2. */
        BICUBIC(2) {
            @Override
            double weight(double x) {
                double t = Math.abs(x);
                if (t < 1) {
                    return ((A + 2) * t - (A + 3)) * t * t + 1;
                }
                return t < 2 ? (((t - 5) * t + 8) * t - 4) * A : 0;
            }
        };

        private static final double A = -0.5;

        private final double support;

        Kernel(double support) {
            this.support = support;
        }

        /** At a distance of so many pixels. */
        abstract double weight(double x);
    }

    private final int[] first;
    private final int[][] weights;

    private ResizeFilter(int[] first, int[][] weights) {
        this.first = first;
        this.weights = weights;
    }

    /** From {@code from} to {@code to} pixels. */
    static ResizeFilter between(int from, int to, Kernel kernel) {
        double scale = (double) from / to;
        double widening = Math.max(scale, 1);
        double support = kernel.support * widening;
        var first = new int[to];
        var weights = new int[to][];
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            int begin = Math.max((int) (centre - support + 0.5), 0);
            int end = Math.min((int) (centre + support + 0.5), from);
            first[i] = begin;
            weights[i] = fixedPoint(begin, end, centre, widening, kernel);
        }
        return new ResizeFilter(first, weights);
    }

    private static int[] fixedPoint(int begin, int end, double centre, double widening, Kernel kernel) {
        var exact = new double[end - begin];
        double sum = 0;
        for (int k = 0; k < exact.length; k++) {
            exact[k] = kernel.weight((begin + k - centre + 0.5) / widening);
            sum += exact[k];
        }
        var fixed = new int[exact.length];
        for (int k = 0; k < exact.length; k++) {
            double w = exact[k] / sum * (1 << PRECISION);
            fixed[k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
        }
        return fixed;
    }

    /** Filters a row of pixels, three numbers in [0, 255] each. */
    void across(byte[] from, int fromStart, int[] to) {
        for (int i = 0; i < first.length; i++) {
            var w = weights[i];
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            int at = fromStart + 3 * first[i];
            for (int weight : w) {
                red += (from[at] & 0xff) * weight;
                green += (from[at + 1] & 0xff) * weight;
                blue += (from[at + 2] & 0xff) * weight;
                at += 3;
            }
            to[3 * i] = rounded(red);
            to[3 * i + 1] = rounded(green);
            to[3 * i + 2] = rounded(blue);
        }
    }

    /** Row {@code i} of the result of filtering rows of numbers in [0, 255], each column for itself. */
    void down(int[][] rows, int i, int[] sums) {
        Arrays.fill(sums, HALF);
        var w = weights[i];
        for (int k = 0; k < w.length; k++) {
            addTo(sums, rows[first[i] + k], w[k]);
        }
        for (int x = 0; x < sums.length; x++) {
            sums[x] = rounded(sums[x]);
        }
    }

    /** A loop of its own, as simple ones are compiled to vector instructions. */
    private static void addTo(int[] sums, int[] row, int weight) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += row[x] * weight;
        }
    }

    private static int rounded(int sum) {
        return Math.max(0, Math.min(255, sum >> PRECISION));
    }
}
