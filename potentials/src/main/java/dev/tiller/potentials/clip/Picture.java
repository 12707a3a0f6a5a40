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
        var picture = this;
        if (newWidth != width) {
            var to = new byte[height * newWidth * 3];
            var filter = BicubicFilter.between(width, newWidth);
            for (int y = 0; y < height; y++) {
                filter.apply(rgb, y * width * 3, 3, to, y * newWidth * 3, 3);
            }
            picture = new Picture(to, newWidth, height);
        }
        if (newHeight != height) {
            var to = new byte[newHeight * newWidth * 3];
            var filter = BicubicFilter.between(height, newHeight);
            for (int x = 0; x < newWidth; x++) {
                filter.apply(picture.rgb, x * 3, newWidth * 3, to, x * 3, newWidth * 3);
            }
            picture = new Picture(to, newWidth, newHeight);
        }
        return picture;
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
