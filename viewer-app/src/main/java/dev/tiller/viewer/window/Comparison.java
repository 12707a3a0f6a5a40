// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import javafx.scene.image.Image;
import javafx.scene.image.WritableImage;

/**
 * The difference of two pictures of one size, made so strong that it can be seen.
 *
 * @param image per channel the distance, times gain
 * @param largest distance of a channel, in [0, 255]
 */
record Comparison(Image image, int largest) {
    static Comparison of(Image a, Image b) {
        int w = (int) Math.min(a.getWidth(), b.getWidth());
        int h = (int) Math.min(a.getHeight(), b.getHeight());
        var image = new WritableImage(w, h);
        int largest = 0;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int rgb = distance(
                        a.getPixelReader().getArgb(x, y), b.getPixelReader().getArgb(x, y));
                largest = Math.max(largest, Math.max(rgb >> 16, Math.max(rgb >> 8 & 0xFF, rgb & 0xFF)));
            }
        }
        double gain = largest == 0 ? 1 : 255.0 / largest;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int rgb = distance(
                        a.getPixelReader().getArgb(x, y), b.getPixelReader().getArgb(x, y));
                image.getPixelWriter()
                        .setArgb(
                                x,
                                y,
                                0xFF000000
                                        | (int) ((rgb >> 16) * gain) << 16
                                        | (int) ((rgb >> 8 & 0xFF) * gain) << 8
                                        | (int) ((rgb & 0xFF) * gain));
            }
        }
        return new Comparison(image, largest);
    }

    private static int distance(int a, int b) {
        int distance = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            distance |= Math.abs((a >> shift & 0xFF) - (b >> shift & 0xFF)) << shift;
        }
        return distance;
    }
}
