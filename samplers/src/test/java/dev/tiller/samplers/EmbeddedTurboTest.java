// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.smc.Key;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The embedded one-step model: one evaluation of its network, without guidance, draws what the prompt says. */
class EmbeddedTurboTest {
    private static final int PICTURES = 8;
    private static final int RED = 0;
    private static final int BLUE = 2;

    @Test
    void oneEvaluationDrawsTheColourOfThePrompt() {
        var folder = ModelLocator.ofEnvironment(Map.of()).locate("scenes-turbo");
        try (var model = TextToImage.load(folder, DType.FLOAT32, Device.CPU)) {
            assertTrue(model.isLight(0, 0));
            assertFalse(model.isLight(256, 256));
            assertTrue(coloured(model, "a photo of a red circle", RED) >= 7);
            assertTrue(coloured(model, "a photo of a blue circle", BLUE) >= 7);
            // The control: a picture of another colour does not count.
            assertTrue(coloured(model, "a photo of a blue circle", RED) <= 1);
        }
        assertEquals(0, Tensor.alive());
    }

    /** How many of the pictures have at least 30 pixels in which one channel is 60 above both others. */
    private static int coloured(TextToImage model, String prompt, int channel) {
        var how = Sampling.of(prompt).withSteps(1).withGuidance(ClassifierFreeGuidance.of(1));
        try (var sampler = model.sampler(how);
                var noise = sampler.start(PICTURES, Key.of(11));
                var move = sampler.move(0, noise, Key.of(12));
                var images = model.decode(move.next().sample())) {
            assertEquals(1, sampler.steps());
            int count = 0;
            for (int row = 0; row < images.size(); row++) {
                byte[] rgb = images.rgb8(row);
                int pixels = 0;
                for (int i = 0; i < rgb.length; i += 3) {
                    int level = rgb[i + channel] & 0xff;
                    int first = rgb[i + (channel + 1) % 3] & 0xff;
                    int second = rgb[i + (channel + 2) % 3] & 0xff;
                    pixels += level > Math.max(first, second) + 60 ? 1 : 0;
                }
                count += pixels >= 30 ? 1 : 0;
            }
            return count;
        }
    }
}
