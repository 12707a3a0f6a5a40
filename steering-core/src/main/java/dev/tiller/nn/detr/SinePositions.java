// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.tensor.Tensor;

/**
 * Where a token of a picture is (DetrSinePositionEmbedding, normalised): row and column as angles in (0, 2π], each multiplied
 * by frequencies 10000^(−2i/D) and shown as a sine and a cosine; the row in the first half of the features, the column in the
 * second.
 */
final class SinePositions {
    private static final double TEMPERATURE = 10_000;
    private static final double EPS = 1e-6;

    private SinePositions() {}

    /**
     * @param width of a token, a multiple of 4
     * @return 1×(rows·columns)×width float32, row by row
     */
    static Tensor of(int rows, int columns, int width) {
        int half = width / 2;
        var values = new float[rows * columns * width];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                int at = (y * columns + x) * width;
                write((y + 1) / (rows + EPS), half, values, at);
                write((x + 1) / (columns + EPS), half, values, at + half);
            }
        }
        return Tensor.of(values, 1, (long) rows * columns, width);
    }

    /** @param place in (0, 1] */
    private static void write(double place, int half, float[] to, int at) {
        for (int i = 0; i < half; i += 2) {
            double angle = place * 2 * Math.PI / Math.pow(TEMPERATURE, (double) i / half);
            to[at + i] = (float) Math.sin(angle);
            to[at + i + 1] = (float) Math.cos(angle);
        }
    }
}
