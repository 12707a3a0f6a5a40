// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

/**
 * A picture in memory, sRGB.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgb height x width x 3 bytes, row by row from the top
 */
public record Picture(int width, int height, byte[] rgb) {
    public Picture {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(rgb.length + " bytes are not " + width + "x" + height + " pixels");
        }
    }

    /** Every pixel as a square of {@code factor} x {@code factor}. */
    public Picture enlarged(int factor) {
        var larger = new byte[rgb.length * factor * factor];
        for (int y = 0; y < height * factor; y++) {
            for (int x = 0; x < width * factor; x++) {
                int from = 3 * (y / factor * width + x / factor);
                System.arraycopy(rgb, from, larger, 3 * (y * width * factor + x), 3);
            }
        }
        return new Picture(width * factor, height * factor, larger);
    }

    /** The mean of each {@code factor} x {@code factor} square; what does not fill one at the border is left out. */
    public Picture reduced(int factor) {
        int w = Math.max(1, width / factor);
        int h = Math.max(1, height / factor);
        var smaller = new byte[3 * w * h];
        for (int i = 0; i < smaller.length; i++) {
            int x = i / 3 % w * factor;
            int y = i / 3 / w * factor;
            int sum = 0;
            int count = 0;
            for (int dy = 0; dy < factor && y + dy < height; dy++) {
                for (int dx = 0; dx < factor && x + dx < width; dx++) {
                    sum += rgb[3 * ((y + dy) * width + x + dx) + i % 3] & 0xFF;
                    count++;
                }
            }
            smaller[i] = (byte) Math.round((float) sum / count);
        }
        return new Picture(w, h, smaller);
    }
}
