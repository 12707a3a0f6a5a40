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
        var picture = this;
        if (newWidth != width) {
            var to = new byte[height * newWidth * 3];
            var filter = ResizeFilter.between(width, newWidth, kernel);
            for (int y = 0; y < height; y++) {
                filter.apply(rgb, y * width * 3, 3, to, y * newWidth * 3, 3);
            }
            picture = new RgbImage(to, newWidth, height);
        }
        if (newHeight != height) {
            var to = new byte[newHeight * newWidth * 3];
            var filter = ResizeFilter.between(height, newHeight, kernel);
            for (int x = 0; x < newWidth; x++) {
                filter.apply(picture.rgb, x * 3, newWidth * 3, to, x * 3, newWidth * 3);
            }
            picture = new RgbImage(to, newWidth, newHeight);
        }
        return picture;
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
