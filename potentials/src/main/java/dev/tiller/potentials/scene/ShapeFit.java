// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;

/**
 * Explains one region of a picture by one shape: place, size, colour and blur of edge that leave the least of the
 * picture's difference to its background, by least squares. The colour is solved for; the rest is searched.
 */
final class ShapeFit {
    /** The fitted object. {@code error} is what stays unexplained and {@code energy} what there was, both sums of squares. */
    record Fit(
            Shape shape, double x, double y, double radius, double[] rgb, double error, double energy, double overlap) {
        FoundObject object() {
            return new FoundObject(shape, Colour.nearest(rgb[0], rgb[1], rgb[2]), shape.box(x, y, radius), overlap);
        }
    }

    private static final int SIZE = SceneRenderer.SIZE;
    /** Shapes that a first look leaves in the running. */
    private static final int REFINED = 5;
    /** Those that leave less than so many times what the best leaves are refined again. */
    private static final double PROMISING = 1.5;

    private static final Comparator<Guess> BY_ERROR = Comparator.comparingDouble(g -> g.error);
    /** Pixels to each side that the blur looks at, and margin around the region. */
    private static final int REACH = 4;
    /** Standard deviation of the strongest blur considered, in pixels. */
    private static final double STRONGEST_BLUR = 2.2;

    private static final double LEAST_RADIUS = 2;
    private static final int RADIUS = 2;
    private static final int BLUR = 3;

    private final int left;
    private final int top;
    private final int width;
    private final int height;
    /** 1 for the pixels to explain, else 0. */
    private final float[] own;

    private final BitSet region;
    private final float[][] difference;
    private final float[][] plane;
    private final double energy;
    // Of the evaluation last made.
    private final float[] alpha;
    private final float[] scratch;
    private final float[] kernel = new float[REACH + 1];
    private final double[] rgb = new double[3];

    /**
     * @param region the pixels to explain
     * @param others pixels that belong to other objects and are not to be explained
     */
    ShapeFit(float[] image, Background background, BitSet region, BitSet others) {
        this.region = region;
        int x0 = SIZE;
        int x1 = 0;
        int y0 = SIZE;
        int y1 = 0;
        for (int i = region.nextSetBit(0); i >= 0; i = region.nextSetBit(i + 1)) {
            x0 = Math.min(x0, i % SIZE);
            x1 = Math.max(x1, i % SIZE);
            y0 = Math.min(y0, i / SIZE);
            y1 = Math.max(y1, i / SIZE);
        }
        left = Math.max(x0 - REACH, 0);
        top = Math.max(y0 - REACH, 0);
        width = Math.min(x1 + 1 + REACH, SIZE) - left;
        height = Math.min(y1 + 1 + REACH, SIZE) - top;
        own = new float[width * height];
        difference = new float[3][width * height];
        plane = new float[3][width * height];
        alpha = new float[width * height];
        scratch = new float[width * height];
        double sum = 0;
        for (int j = 0; j < own.length; j++) {
            int i = (top + j / width) * SIZE + left + j % width;
            own[j] = others.get(i) ? 0 : 1;
            for (int c = 0; c < 3; c++) {
                plane[c][j] = own[j] * (float) background.at(c, i);
                difference[c][j] = own[j] * image[3 * i + c] - plane[c][j];
                sum += difference[c][j] * difference[c][j];
            }
        }
        energy = sum;
    }

    /** The best of all shapes. */
    Fit best() {
        double area = 0;
        double sumX = 0;
        double sumY = 0;
        for (int i = region.nextSetBit(0); i >= 0; i = region.nextSetBit(i + 1)) {
            area++;
            int x = i % SIZE;
            int y = i / SIZE;
            sumX += x + 0.5;
            sumY += y + 0.5;
        }
        var guesses = new ArrayList<Guess>();
        for (var shape : Shape.values()) {
            double r = Math.sqrt(area / shape.area()) * 0.97;
            var guess =
                    new Guess(shape, sumX / area - shape.centroidX() * r, sumY / area - shape.centroidY() * r, r, 0.8);
            guess.improve(1, 3, 2);
            guesses.add(guess);
        }
        guesses.sort(BY_ERROR);
        var refined = guesses.subList(0, REFINED);
        refined.forEach(g -> g.improve(0.5, 4, 3));
        var best = Collections.min(refined, BY_ERROR);
        double promising = PROMISING * best.error;
        refined.stream().filter(g -> g.error < promising).forEach(g -> g.improve(0.2, 4, 3));
        best = Collections.min(refined, BY_ERROR);
        best.error = best.evaluate();
        return new Fit(best.shape, best.at[0], best.at[1], best.at[RADIUS], rgb.clone(), best.error, energy, overlap());
    }

    /** A shape with its parameters: x, y, radius, blur. */
    private final class Guess {
        final Shape shape;
        final double[] at;
        double error;

        Guess(Shape shape, double... at) {
            this.shape = shape;
            this.at = at;
            error = evaluate();
        }

        /** One parameter after the other to the bottom of the parabola through three points, {@code step} apart. */
        void improve(double step, int parameters, int rounds) {
            for (int round = 0; round < rounds; round++) {
                double before = error;
                for (int k = 0; k < parameters; k++) {
                    double middle = at[k];
                    double lower = tryAt(k, middle - step);
                    double upper = tryAt(k, middle + step);
                    double curvature = lower + upper - 2 * error;
                    double move = curvature > 1e-12 ? 0.5 * (lower - upper) / curvature : Math.signum(lower - upper);
                    double there = middle + step * Math.max(-2, Math.min(2, move));
                    double value = tryAt(k, there);
                    at[k] = value < error ? at[k] : middle;
                    error = Math.min(value, error);
                }
                if (error > 0.995 * before) {
                    return;
                }
            }
        }

        private double tryAt(int parameter, double value) {
            at[parameter] = switch (parameter) {
                case RADIUS -> Math.max(value, LEAST_RADIUS);
                case BLUR -> Math.max(0, Math.min(STRONGEST_BLUR, value));
                default -> value;
            };
            return evaluate();
        }

        double evaluate() {
            render(shape, at[0], at[1], at[RADIUS]);
            if (at[BLUR] > 0.05) {
                blur(at[BLUR]);
            }
            return unexplained(at[0], at[1], at[RADIUS]);
        }
    }

    /** Leaves the coverage of the pixels in {@code alpha}. */
    private void render(Shape shape, double x, double y, double r) {
        float step = (float) (1 / r);
        for (int row = 0, j = 0; row < height; row++) {
            float v = (float) ((top + row + 0.5 - y) / r);
            float u = (float) ((left + 0.5 - x) / r);
            for (int column = 0; column < width; column++, j++, u += step) {
                alpha[j] = Math.max(0, Math.min(1, 0.5f - shape.tabulated(u, v) * (float) r));
            }
        }
    }

    /** By a Gaussian, cut to {@code 2 REACH + 1} pixels in each direction. */
    private void blur(double sigma) {
        double sum = 1;
        for (int k = 1; k <= REACH; k++) {
            kernel[k] = (float) Math.exp(-0.5 * k * k / (sigma * sigma));
            sum += 2 * kernel[k];
        }
        kernel[0] = 1;
        for (int k = 0; k <= REACH; k++) {
            kernel[k] /= (float) sum;
        }
        convolve(alpha, scratch, 1);
        convolve(scratch, alpha, width);
    }

    /** Rows may run into each other: around the object is a margin where there is nothing. */
    private void convolve(float[] from, float[] to, int stride) {
        int n = from.length - REACH * stride;
        System.arraycopy(from, 0, to, 0, REACH * stride);
        System.arraycopy(from, n, to, n, REACH * stride);
        for (int i = REACH * stride; i < n; i++) {
            to[i] = kernel[0] * from[i];
        }
        for (int k = 1; k <= REACH; k++) {
            float weight = kernel[k];
            int offset = k * stride;
            for (int i = REACH * stride; i < n; i++) {
                to[i] += weight * (from[i - offset] + from[i + offset]);
            }
        }
    }

    /** What {@code alpha} in its best colour, which is left in {@code rgb}, does not explain: a sum of squares. */
    private double unexplained(double x, double y, double r) {
        float shadeStep = (float) (-0.09 / r);
        double norm = 0;
        var d0 = difference[0];
        var d1 = difference[1];
        var d2 = difference[2];
        var p0 = plane[0];
        var p1 = plane[1];
        var p2 = plane[2];
        // Sums of squares of, and products of the shaded coverage with, each channel.
        double e0 = 0;
        double e1 = 0;
        double e2 = 0;
        double f0 = 0;
        double f1 = 0;
        double f2 = 0;
        for (int row = 0, j = 0; row < height; row++) {
            float shade = (float) SceneRenderer.shade((left + 0.5 - x) / r, (top + row + 0.5 - y) / r);
            for (int column = 0; column < width; column++, j++, shade += shadeStep) {
                // picture = (1 - a) plane + a shade rgb
                float a = alpha[j];
                float s = a * shade * own[j];
                float r0 = d0[j] + a * p0[j];
                float r1 = d1[j] + a * p1[j];
                float r2 = d2[j] + a * p2[j];
                norm += s * s;
                e0 += r0 * r0;
                e1 += r1 * r1;
                e2 += r2 * r2;
                f0 += r0 * s;
                f1 += r1 * s;
                f2 += r2 * s;
            }
        }
        return solved(0, e0, f0, norm) + solved(1, e1, f1, norm) + solved(2, e2, f2, norm);
    }

    /** Solves for one channel of the colour: the least over c in [0, 1] of {@code square - 2 c along + c c norm}. */
    private double solved(int channel, double square, double along, double norm) {
        double c = norm > 0 ? Math.max(0, Math.min(1, along / norm)) : 0;
        rgb[channel] = c;
        return square - 2 * c * along + c * c * norm;
    }

    /** Intersection over union of the shape last evaluated and the matte that its colour implies. */
    private double overlap() {
        double least = 0;
        double most = 0;
        for (int j = 0; j < own.length; j++) {
            double dv = 0;
            double vv = 1e-4;
            for (int c = 0; c < 3; c++) {
                double v = rgb[c] - plane[c][j];
                dv += difference[c][j] * v;
                vv += v * v;
            }
            double matte = Math.max(0, Math.min(1, dv / vv));
            matte = matte < 0.06 ? 0 : matte;
            least += own[j] * Math.min(matte, alpha[j]);
            most += own[j] * Math.max(matte, alpha[j]);
        }
        return least / most;
    }
}
