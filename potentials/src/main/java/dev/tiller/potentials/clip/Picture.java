// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

/**
 * One picture in 8 bits.
 *
 * @param rgb height x width x 3 bytes, row by row, red first
 */
record Picture(byte[] rgb, int width, int height) {

    /** Resized as PIL's {@code Image.resize(…, BICUBIC)} does: across, then down, rounded to 8 bits after each. */
    Picture resized(int newWidth, int newHeight) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        var rows = across(newWidth);
        var to = new byte[newHeight * newWidth * 3];
        if (newHeight == height) {
            for (int y = 0; y < height; y++) {
                write(rows[y], to, y);
            }
        } else {
            var filter = BicubicFilter.between(height, newHeight);
            var row = new int[newWidth * 3];
            for (int y = 0; y < newHeight; y++) {
                filter.down(rows, y, row);
                write(row, to, y);
            }
        }
        return new Picture(to, newWidth, newHeight);
    }

    private int[][] across(int newWidth) {
        var rows = new int[height][newWidth * 3];
        var filter = BicubicFilter.between(width, newWidth);
        for (int y = 0; y < height; y++) {
            if (newWidth == width) {
                for (int i = 0; i < rows[y].length; i++) {
                    rows[y][i] = rgb[y * width * 3 + i] & 0xff;
                }
            } else {
                filter.across(rgb, y * width * 3, rows[y]);
            }
        }
        return rows;
    }

    private static void write(int[] row, byte[] to, int y) {
        for (int i = 0; i < row.length; i++) {
            to[y * row.length + i] = (byte) row[i];
        }
    }

    /** The part of this size whose upper left pixel is (left, top). */
    Picture cropped(int left, int top, int newWidth, int newHeight) {
        if (left == 0 && top == 0 && newWidth == width && newHeight == height) {
            return this;
        }
        var to = new byte[newWidth * newHeight * 3];
        for (int y = 0; y < newHeight; y++) {
            System.arraycopy(rgb, ((top + y) * width + left) * 3, to, y * newWidth * 3, newWidth * 3);
        }
        return new Picture(to, newWidth, newHeight);
    }

    /** In the middle of a black one of this size; an odd margin is halved downwards. */
    Picture padded(int newWidth, int newHeight) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        var to = new byte[newWidth * newHeight * 3];
        int left = (newWidth - width) / 2;
        int top = (newHeight - height) / 2;
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgb, y * width * 3, to, ((top + y) * newWidth + left) * 3, width * 3);
        }
        return new Picture(to, newWidth, newHeight);
    }
}
