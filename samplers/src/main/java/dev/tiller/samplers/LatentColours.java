// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

/**
 * The colours of a latent without its decoder: what is affine in the channels of a pixel, fitted by least squares to pairs of
 * latents and their decoded pictures. A quick look at latents that a decoder was not made for, such as those with noise: a
 * pixel for each element, colours right, edges blurred.
 */
public final class LatentColours {
    /** Keeps the equations solvable where channels are constant; latents are about 1 in size. */
    private static final double RIDGE = 1e-3;

    private final int channels;
    /** For each of red, green and blue the factor of each channel, then a constant; of 255. */
    private final double[][] factors;

    private LatentColours(int channels, double[][] factors) {
        this.channels = channels;
        this.factors = factors;
    }

    /**
     * Fits to one or more pictures.
     *
     * @param channels of the latents
     * @param height of the latents
     * @param width of the latents
     * @param latents {@code rgb8.length} latents of channels × height × width, one after the other
     * @param rgb8 for each latent its picture, rows of red, green and blue
     * @param factor how many pixels of a picture are side by side for one of a latent, at least 1
     */
    public static LatentColours fit(int channels, int height, int width, float[] latents, byte[][] rgb8, int factor) {
        int unknowns = channels + 1;
        var products = new double[unknowns][unknowns];
        var targets = new double[3][unknowns];
        int plane = height * width;
        var values = new double[unknowns];
        values[channels] = 1;
        long count = 0;
        for (int row = 0; row < rgb8.length; row++) {
            for (int at = 0; at < plane; at++) {
                for (int c = 0; c < channels; c++) {
                    values[c] = latents[(row * channels + c) * plane + at];
                }
                for (int i = 0; i < unknowns; i++) {
                    for (int j = 0; j < unknowns; j++) {
                        products[i][j] += values[i] * values[j];
                    }
                    for (int colour = 0; colour < 3; colour++) {
                        targets[colour][i] +=
                                values[i] * mean(rgb8[row], width * factor, at % width, at / width, factor, colour);
                    }
                }
                count++;
            }
        }
        for (int c = 0; c < channels; c++) {
            products[c][c] += RIDGE * count;
        }
        var factors = new double[3][];
        for (int colour = 0; colour < 3; colour++) {
            factors[colour] = solve(products, targets[colour]);
        }
        return new LatentColours(channels, factors);
    }

    private static double mean(byte[] rgb8, int stride, int x, int y, int factor, int colour) {
        int sum = 0;
        for (int dy = 0; dy < factor; dy++) {
            for (int dx = 0; dx < factor; dx++) {
                sum += rgb8[3 * ((y * factor + dy) * stride + x * factor + dx) + colour] & 0xFF;
            }
        }
        return (double) sum / (factor * factor);
    }

    /** Gauss elimination; the matrix is positive definite, so no pivot is 0. */
    private static double[] solve(double[][] matrix, double[] right) {
        int n = right.length;
        var a = new double[n][];
        for (int i = 0; i < n; i++) {
            a[i] = matrix[i].clone();
        }
        var x = right.clone();
        for (int i = 0; i < n; i++) {
            for (int k = i + 1; k < n; k++) {
                double share = a[k][i] / a[i][i];
                for (int j = i; j < n; j++) {
                    a[k][j] -= share * a[i][j];
                }
                x[k] -= share * x[i];
            }
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int j = i + 1; j < n; j++) {
                x[i] -= a[i][j] * x[j];
            }
            x[i] /= a[i][i];
        }
        return x;
    }

    /**
     * The picture of a latent, a pixel for each of its elements.
     *
     * @param latents of channels × plane elements each, one after the other
     * @param row which of them
     * @param plane elements of one channel
     * @param scale by which values are multiplied first
     * @return plane · 3 bytes, red first
     */
    public byte[] apply(float[] latents, int row, int plane, double scale) {
        var rgb = new byte[3 * plane];
        for (int at = 0; at < plane; at++) {
            for (int colour = 0; colour < 3; colour++) {
                double value = factors[colour][channels];
                for (int c = 0; c < channels; c++) {
                    value += factors[colour][c] * scale * latents[(row * channels + c) * plane + at];
                }
                rgb[3 * at + colour] = (byte) Math.max(0, Math.min(255, Math.round(value)));
            }
        }
        return rgb;
    }
}
