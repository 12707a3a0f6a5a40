// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

/** Draws scenes: antialiased flat shapes, a little brighter towards the upper left, on a soft gradient. */
public final class SceneRenderer {
    /** Width and height of a picture in pixels. */
    public static final int SIZE = 64;

    private SceneRenderer() {}

    /** The picture, 64 x 64 x 3 bytes RGB. */
    public static byte[] render(Scene scene) {
        var rgb = new byte[SIZE * SIZE * 3];
        var pixel = new double[3];
        for (int row = 0; row < SIZE; row++) {
            for (int column = 0; column < SIZE; column++) {
                double x = column + 0.5;
                double y = row + 0.5;
                double grey = scene.gradientX() * (x / SIZE - 0.5) + scene.gradientY() * (y / SIZE - 0.5);
                for (int c = 0; c < 3; c++) {
                    pixel[c] = scene.background().channel(c) + grey;
                }
                for (var thing : scene.things()) {
                    paint(thing, x, y, pixel);
                }
                for (int c = 0; c < 3; c++) {
                    rgb[(row * SIZE + column) * 3 + c] = (byte) (int) Math.max(0, Math.min(255, pixel[c] * 255 + 0.5));
                }
            }
        }
        return rgb;
    }

    private static void paint(Scene.Thing thing, double x, double y, double[] pixel) {
        double u = (x - thing.x()) / thing.radius();
        double v = (y - thing.y()) / thing.radius();
        if (Math.abs(u) > 1.6 || Math.abs(v) > 1.6) {
            return;
        }
        double coverage = Math.max(0, Math.min(1, 0.5 - thing.shape().distance(u, v) * thing.radius()));
        for (int c = 0; c < 3; c++) {
            double colour =
                    thing.colour().channel(c) * shade(u, v) + thing.tint().channel(c);
            pixel[c] += coverage * (Math.max(0, Math.min(1, colour)) - pixel[c]);
        }
    }

    /** Light from the upper left: the factor on an object's colour at a point given for radius 1. */
    static double shade(double u, double v) {
        return 1 - 0.09 * (u + v);
    }
}
