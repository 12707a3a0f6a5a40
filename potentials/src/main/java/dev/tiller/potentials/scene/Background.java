// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.Arrays;

/**
 * What a picture would be without its objects: a plane over (x, y) in each channel, fitted by least squares to the
 * border and then, more and more strictly, to all that lies near it.
 */
final class Background {
    private static final int SIZE = SceneRenderer.SIZE;
    private static final int BORDER = 2;
    private static final double[] TOLERANCES = {0.2, 0.12, 0.07, 0.05, 0.04, 0.04};
    /** A plane through fewer pixels than these is not trusted. */
    private static final int LEAST = 300;

    private final double[][] planes = new double[3][3];

    Background(float[] image) {
        for (int c = 0; c < 3; c++) {
            planes[c][0] = borderMedian(image, c);
        }
        var near = new boolean[SIZE * SIZE];
        for (double tolerance : TOLERANCES) {
            // Objects touch the border less than they fill the middle: it alone gives the first guess.
            boolean everywhere = tolerance < 0.12;
            int count = 0;
            for (int i = 0; i < near.length; i++) {
                near[i] = (everywhere || isBorder(i)) && distance(image, i) < tolerance;
                count += near[i] ? 1 : 0;
            }
            if (count < (everywhere ? LEAST : LEAST / 3)) {
                return;
            }
            fit(image, near);
        }
    }

    /** Value of a channel at a pixel's index. */
    double at(int c, int i) {
        var p = planes[c];
        return p[0] + p[1] * unit(i % SIZE) + p[2] * unit(i / SIZE);
    }

    /** Distance in RGB of the picture to the background. */
    double distance(float[] image, int i) {
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            double d = image[3 * i + c] - at(c, i);
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    private static double unit(int pixel) {
        return (pixel + 0.5) / SIZE - 0.5;
    }

    private static boolean isBorder(int i) {
        int x = i % SIZE;
        int y = i / SIZE;
        return x < BORDER || y < BORDER || x >= SIZE - BORDER || y >= SIZE - BORDER;
    }

    private static double borderMedian(float[] image, int c) {
        var values = new float[SIZE * SIZE];
        int n = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            if (isBorder(i)) {
                values[n++] = image[3 * i + c];
            }
        }
        Arrays.sort(values, 0, n);
        return values[n / 2];
    }

    private void fit(float[] image, boolean[] near) {
        double n = 0;
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        double yy = 0;
        var sums = new double[3][3];
        for (int i = 0; i < near.length; i++) {
            if (near[i]) {
                double u = unit(i % SIZE);
                double v = unit(i / SIZE);
                n++;
                x += u;
                y += v;
                xx += u * u;
                xy += u * v;
                yy += v * v;
                for (int c = 0; c < 3; c++) {
                    double value = image[3 * i + c];
                    sums[c][0] += value;
                    sums[c][1] += value * u;
                    sums[c][2] += value * v;
                }
            }
        }
        // Normal equations of the centred problem, by Cramer's rule.
        double cxx = xx - x * x / n;
        double cxy = xy - x * y / n;
        double cyy = yy - y * y / n;
        double determinant = cxx * cyy - cxy * cxy;
        if (determinant < 1e-9) {
            return;
        }
        for (int c = 0; c < 3; c++) {
            double cx = sums[c][1] - x * sums[c][0] / n;
            double cy = sums[c][2] - y * sums[c][0] / n;
            planes[c][1] = (cx * cyy - cy * cxy) / determinant;
            planes[c][2] = (cy * cxx - cx * cxy) / determinant;
            planes[c][0] = (sums[c][0] - planes[c][1] * x - planes[c][2] * y) / n;
        }
    }
}
