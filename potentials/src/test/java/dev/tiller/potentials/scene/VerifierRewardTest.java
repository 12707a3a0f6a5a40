// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.Drawn;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardLaws;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerifierRewardTest extends RewardLaws<Images> {
    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Override
    protected Reward<Images> reward() {
        return verifier("verifier", Drawn.scenes(SceneCategory.COLORS, 1).get(0).caption());
    }

    @Override
    protected Images samples() {
        return Drawn.images(SceneCategory.COLORS, 5);
    }

    @Test
    void itIsAJudgeAndNotAGuideUnlessAskedFor() {
        assertTrue(verifier("verifier", "a circle").info().judgeOnly());
        assertTrue(verifier("0.1*verifier", "a circle").info().judgeOnly());
    }

    @Test
    void softValuesAreTheShareOfRules() {
        var scene = Drawn.scenes(SceneCategory.SINGLE_OBJECT, 1);
        var shape = scene.get(0).scene().things().get(0).shape();
        var other = shape == Shape.STAR ? Shape.MOON : Shape.STAR;
        try (var images = Drawn.images(scene)) {
            var prompt = "a " + shape.word() + " and a " + other.word();
            assertArrayEquals(new double[] {0}, verifier("verifier", prompt).score(images));
            assertArrayEquals(
                    new double[] {0.5}, verifier("verifier(soft=true)", prompt).score(images));
        }
    }

    @Test
    void whatItCannotJudgeIsRefused() {
        assertThrows(TillerException.class, () -> verifier("verifier", "a photo of a cat"));
        assertThrows(TillerException.class, () -> verifier("verifier(soft=perhaps)", "a star"));
        try (var images = Images.of(new byte[][] {new byte[32 * 32 * 3]}, 32, 32)) {
            var reward = verifier("verifier", "a star");
            assertThrows(TillerException.class, () -> reward.score(images));
        }
    }

    private static Reward<Images> verifier(String expression, String prompt) {
        return RewardCatalogue.load(Images.class)
                .create(RewardExpression.parse(expression), new RewardRequest(prompt, Path::of));
    }
}
