// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.pixels;

/**
 * A picture in 8 bits, whose pixels are worked with one by one.
 *
 * @param rgb height x width x 3 bytes, row by row, red first
 */
public record RgbImage(byte[] rgb, int width, int height) {

    /** Resized as PIL's {@code Image.resize} does: across, then down, rounded to 8 bits after each. */
    public RgbImage resized(int newWidth, int newHeight, ResizeFilter.Kernel kernel) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        var rows = across(newWidth, kernel);
        var to = new byte[newHeight * newWidth * 3];
        if (newHeight == height) {
            for (int y = 0; y < height; y++) {
                write(rows[y], to, y);
            }
        } else {
            var filter = ResizeFilter.between(height, newHeight, kernel);
            var row = new int[newWidth * 3];
            for (int y = 0; y < newHeight; y++) {
                filter.down(rows, y, row);
                write(row, to, y);
            }
        }
        return new RgbImage(to, newWidth, newHeight);
    }

    private int[][] across(int newWidth, ResizeFilter.Kernel kernel) {
        var rows = new int[height][newWidth * 3];
        var filter = ResizeFilter.between(width, newWidth, kernel);
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
    public RgbImage cropped(int left, int top, int newWidth, int newHeight) {
        if (left == 0 && top == 0 && newWidth == width && newHeight == height) {
            return this;
        }
        var to = new byte[newWidth * newHeight * 3];
        for (int y = 0; y < newHeight; y++) {
            System.arraycopy(rgb, ((top + y) * width + left) * 3, to, y * newWidth * 3, newWidth * 3);
        }
        return new RgbImage(to, newWidth, newHeight);
    }

    /** In the middle of a black one of this size; an odd margin is halved downwards. */
    public RgbImage padded(int newWidth, int newHeight) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        var to = new byte[newWidth * newHeight * 3];
        int left = (newWidth - width) / 2;
        int top = (newHeight - height) / 2;
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgb, y * width * 3, to, ((top + y) * newWidth + left) * 3, width * 3);
        }
        return new RgbImage(to, newWidth, newHeight);
    }
}
