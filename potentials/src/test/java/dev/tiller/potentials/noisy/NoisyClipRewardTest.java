// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.noisy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.NoisyLatents;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NoisyClipRewardTest {
    private static final Golden GOLDEN = Golden.read(Path.of("src/test/resources/golden/noisy/scenes_noisy_clip"));
    private static final String[] CAPTIONS = {
        "a photo of a heart right of a circle",
        "a photo of three stars",
        "a photo of a black hexagon and a blue diamond",
        "a photo of four triangles"
    };

    @Test
    void valuesAndGradientsAreThoseOfTheReferenceAtEveryLevel() {
        for (int i = 0; i < CAPTIONS.length; i++) {
            check(i, 1);
        }
        assertEquals(0, Tensor.alive());
    }

    /** On a flow's path x is α + σ = 1; the gradient is by that x. */
    @Test
    void aSampleOfAnotherScaleIsTheSameSample() {
        check(2, 3.5);
        assertEquals(0, Tensor.alive());
    }

    private static void check(int row, double scale) {
        var planes = GOLDEN.doubles("out.planes");
        int plane = 16 * 16;
        double alpha = planes[(row * 7 + 4) * plane];
        double sigma = planes[(row * 7 + 5) * plane];
        assertEquals(planes[(row * 7 + 6) * plane] * 1000, TrainingTime.of(alpha, sigma), 0.05);
        var x = part("in.x_t", row, 4 * plane);
        var wanted = part("grad.x_t", row, 4 * plane);
        double cotangent = GOLDEN.doubles("cot.reward")[row];
        try (var reward = create(CAPTIONS[row], "");
                var latents = new NoisyLatents(tensor(x, scale), alpha * scale, sigma * scale)) {
            var graded = ((DifferentiableReward<NoisyLatents>) reward).grade(latents);
            try (var gradient = graded.gradient()) {
                assertEquals(GOLDEN.doubles("out.reward")[row], graded.values()[0], 2e-4);
                assertEquals(reward.score(latents)[0], graded.values()[0], 1e-5);
                var got = Arrays.stream(gradient.tensor().toDoubles())
                        .map(g -> g * scale * cotangent)
                        .toArray();
                double largest = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
                assertTrue(largest > 1e-5, "the reference has a gradient");
                assertArrayEquals(wanted, got, 5e-3 * largest);
            }
        }
    }

    @Test
    void latentsOfAnotherSizeAndTowersOfPicturesAreRefused() {
        try (var reward = create("a photo of a star", "");
                var latents = new NoisyLatents(Tensor.of(new float[4 * 64], 1, 4, 8, 8), 1, 1)) {
            var e = assertThrows(TillerException.class, () -> reward.score(latents));
            assertTrue(e.getMessage().contains("4×16×16"), e.getMessage());
        }
        var e = assertThrows(TillerException.class, () -> create("a photo of a star", "(model=scenes-clip)"));
        assertTrue(e.getMessage().contains("reads 3 planes"), e.getMessage());
        assertEquals(0, Tensor.alive());
    }

    /** Whatever the prompt; and it is done with when the last lets go of it. */
    @Test
    void rewardsOfOneModelShareIt() {
        try (var first = (NoisyClipReward) create("a photo of a star", "")) {
            int alive = Tensor.alive();
            try (var second = (NoisyClipReward) create("a photo of a moon", "")) {
                assertTrue(first.shares());
                assertSame(first.model(), second.model());
            }
            assertEquals(alive, Tensor.alive());
        }
        assertEquals(0, Tensor.alive());
    }

    private static dev.tiller.reward.Reward<NoisyLatents> create(String prompt, String options) {
        var models = ModelLocator.ofEnvironment(Map.of());
        return RewardCatalogue.load(NoisyLatents.class)
                .create(RewardExpression.parse("noisyclip" + options), new RewardRequest(prompt, models::locate))
                .parts()
                .get(0)
                .reward();
    }

    private static double[] part(String name, int row, int size) {
        return Arrays.copyOfRange(GOLDEN.doubles(name), row * size, (row + 1) * size);
    }

    private static Tensor tensor(double[] values, double scale) {
        var floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) (values[i] * scale);
        }
        return Tensor.of(floats, 1, 4, 16, 16);
    }
}
