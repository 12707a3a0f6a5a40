// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.smc.Key;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/**
 * A few numbers that stand for a latent, so that many can be kept and compared: the count sketch (Charikar, Chen and
 * Farach-Colton 2002), in which each element is added, with a sign, to one of {@value #LENGTH} sums. It is linear, and
 * distances of sketches are those of latents within about 1/√{@value #LENGTH}, where these are the root mean square over the
 * elements. The same element always has the same sum and sign, so that sketches of different runs can be compared.
 */
public final class Sketch {
    /** How many numbers a sketch has. */
    public static final int LENGTH = 32;

    /** What is kept of a sketch: more would be the digits of noise, and fill logs. */
    private static final double DIGITS = 1000;

    private static final Key SIGNS = Key.of(32);

    private Sketch() {}

    /**
     * @param latents N × any
     * @return N × {@value #LENGTH}, rounded to thousandths
     */
    public static double[][] of(Tensor latents) {
        try (var scope = Scope.open()) {
            return of(latents.to(DType.FLOAT32).toFloats(), latents.size());
        }
    }

    /** @param latents {@code rows} latents, one after the other */
    static double[][] of(float[] latents, int rows) {
        int elements = latents.length / rows;
        var places = places(elements);
        double scale = 1 / Math.sqrt(elements);
        var sketches = new double[rows][LENGTH];
        for (int row = 0; row < rows; row++) {
            var sketch = sketches[row];
            for (int j = 0; j < elements; j++) {
                int place = places[j];
                float value = latents[row * elements + j];
                // The lowest bit is the sign.
                sketch[place >> 1] += (place & 1) == 0 ? value : -value;
            }
            for (int k = 0; k < LENGTH; k++) {
                sketch[k] = Math.rint(sketch[k] * scale * DIGITS) / DIGITS;
            }
        }
        return sketches;
    }

    private static int[] places(int elements) {
        var random = SIGNS.generator();
        var places = new int[elements];
        for (int j = 0; j < elements; j++) {
            places[j] = random.nextInt(2 * LENGTH);
        }
        return places;
    }
}
