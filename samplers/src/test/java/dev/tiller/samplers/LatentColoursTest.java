// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LatentColoursTest {
    private static final int CHANNELS = 4;
    private static final int SIDE = 8;
    private static final int PLANE = SIDE * SIDE;
    private final Random random = new Random(9);

    private float[] latents(int rows) {
        var values = new float[rows * CHANNELS * PLANE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** What an affine decoder would make of it. */
    private static byte[] decoded(float[] latents, int row, int factor) {
        int width = SIDE * factor;
        var rgb = new byte[3 * width * width];
        for (int y = 0; y < width; y++) {
            for (int x = 0; x < width; x++) {
                int at = y / factor * SIDE + x / factor;
                for (int colour = 0; colour < 3; colour++) {
                    double value = 128;
                    for (int c = 0; c < CHANNELS; c++) {
                        value += 6 * (c - colour) * latents[(row * CHANNELS + c) * PLANE + at];
                    }
                    rgb[3 * (y * width + x) + colour] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                }
            }
        }
        return rgb;
    }

    @Test
    void anAffineDecoderIsFound() {
        for (int factor : new int[] {1, 4}) {
            var known = latents(2);
            var colours = LatentColours.fit(
                    CHANNELS,
                    SIDE,
                    SIDE,
                    known,
                    new byte[][] {decoded(known, 0, factor), decoded(known, 1, factor)},
                    factor);
            var other = latents(3);
            var expected = decoded(other, 2, 1);
            var shown = colours.apply(other, 2, PLANE, 1);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i] & 0xFF, shown[i] & 0xFF, 2);
            }
            var half = other.clone();
            for (int i = 0; i < half.length; i++) {
                half[i] *= 2;
            }
            assertArrayEquals(shown, colours.apply(half, 2, PLANE, 0.5));
        }
    }

    /** A population may have become one, and a picture one colour. */
    @Test
    void whatSaysLittleIsNoTrouble() {
        var flat = new float[CHANNELS * PLANE];
        var grey = new byte[3 * PLANE];
        java.util.Arrays.fill(grey, (byte) 90);
        var colours = LatentColours.fit(CHANNELS, SIDE, SIDE, flat, new byte[][] {grey}, 1);
        assertArrayEquals(grey, colours.apply(flat, 0, PLANE, 1));
        var loud = colours.apply(latents(1), 0, PLANE, 1e30);
        assertTrue(loud.length == grey.length && loud[0] == 90);
    }
}
