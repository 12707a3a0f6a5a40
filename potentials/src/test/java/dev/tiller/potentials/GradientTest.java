// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every released reward's gradient is that of its values. */
class GradientTest {
    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clip(pixels=float)",
                "pickscore(model=scenes-clip, pixels=float)",
                "goal(pixels=float)",
                "iqa(pixels=float)",
                "aesthetic(head=src/test/resources/released/heads/mlp.pth, pixels=float)",
                "similarity(image=src/test/resources/released/0.png, pixels=float)",
                "imagereward(model=src/test/resources/released/imagereward, pixels=float)"
            })
    void isThatOfFiniteDifferences(String expression) {
        try (var sum = (WeightedReward<Images>)
                        Released.reward("a photo of a red circle and a blue square", expression, new ArrayList<>());
                var images = Drawn.images(SceneCategory.COLOR_ATTR, 2)) {
            var reward = (DifferentiableReward<Images>) sum.parts().get(0).reward();
            var graded = reward.grade(images);
            try (var gradient = graded.gradient()) {
                assertArrayEquals(reward.score(images), graded.values(), 1e-4);
                assertArrayEquals(images.tensor().shape(), gradient.tensor().shape());
                // Along the gradient with some noise: the derivative in float32, central.
                var random = new Random(1);
                var direction = gradient.tensor().toFloats();
                double square = 0;
                for (float g : direction) {
                    square += g * (double) g;
                }
                assertTrue(square > 0);
                double norm = Math.sqrt(square);
                for (int i = 0; i < direction.length; i++) {
                    direction[i] =
                            (float) (direction[i] / norm + 0.3 * random.nextGaussian() / Math.sqrt(direction.length));
                }
                double step = 0.02;
                try (var d = Tensor.of(direction, images.tensor().shape());
                        var scaled = d.times(step);
                        var up = new Images(images.tensor().plus(scaled));
                        var down = new Images(images.tensor().minus(scaled))) {
                    double expected = 0;
                    for (double x : gradient.tensor().dotRows(d)) {
                        expected += x;
                    }
                    double found = 0;
                    for (int i = 0; i < 2; i++) {
                        found += (reward.score(up)[i] - reward.score(down)[i]) / (2 * step);
                    }
                    assertEquals(expected, found, 0.02 * Math.abs(expected));
                }
            }
        }
    }
}
