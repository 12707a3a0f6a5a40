// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardLaws;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddYourOwnRewardTest extends RewardLaws<Images> {
    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Override
    protected Reward<Images> reward() {
        return new AddYourOwnReward.Redness();
    }

    @Override
    protected Images samples() {
        var rgb = new byte[5][8 * 8 * 3];
        var random = new SplittableRandom(2);
        for (var picture : rgb) {
            random.nextBytes(picture);
        }
        return Images.of(rgb, 8, 8);
    }

    @Test
    void isFoundByName() {
        assertArrayEquals(new double[] {2, -1}, AddYourOwnReward.run(), 1e-6);
    }

    @Test
    void hasTheGradientOfItsFormula() {
        try (var pictures = samples();
                var gradient = new AddYourOwnReward.Redness().grade(pictures).gradient()) {
            var slopes = gradient.tensor().toRows();
            for (var row : slopes) {
                for (int i = 0; i < row.length; i++) {
                    assertEquals((i < 64 ? 1 : -0.5) / 64, row[i], 1e-8);
                }
            }
        }
    }
}
