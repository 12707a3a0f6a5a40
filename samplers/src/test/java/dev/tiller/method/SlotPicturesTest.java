// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotPicturesTest {
    /** The run answers the best of the rewards that are finite, so its picture is that one's. */
    @Test
    void aRewardThatIsNoFiniteNumberIsNotTheBest() {
        for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            var last = new ArrayList<byte[]>();
            var pictures = new SlotPictures(
                    (stage, step, slot, picture) -> {
                        if (stage == Stage.FINAL) {
                            last.add(picture.rgb8());
                        }
                    },
                    List.of(),
                    1);
            double[] rewards = {none, 1, 2, none, 1};
            for (int step = 0; step < rewards.length; step++) {
                pictures.expect(new int[] {0});
                try (var latents = Tensor.of(new float[4 * 8 * 8], 1, 4, 8, 8);
                        var images = Images.of(new byte[][] {{(byte) step, 0, 0}}, 1, 1)) {
                    pictures.see(latents, images);
                }
                pictures.on(new RunEvent.Scored(step, new double[] {rewards[step]}, Map.of(), new double[1], 1));
            }
            pictures.on(new RunEvent.RunEnded(new RunEvent.Outcome.Completed(), new int[] {0}, Double.NaN, Cost.NONE));
            assertEquals(1, last.size());
            assertArrayEquals(new byte[] {2, 0, 0}, last.get(0));
        }
        assertEquals(0, Tensor.alive());
    }
}
