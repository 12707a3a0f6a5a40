// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardLaws;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClipRewardTest extends RewardLaws<Images> {
    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Override
    protected Reward<Images> reward() {
        return clip("a photo of a red circle and a blue square", "clip", new ArrayList<>());
    }

    @Override
    protected Images samples() {
        return Drawn.images(SceneCategory.COLOR_ATTR, 4);
    }

    @Test
    void thePromptOfAPictureIsPreferredToThatOfAnother() {
        var drawn = Drawn.scenes(SceneCategory.COLORS, 12);
        int right = 0;
        for (int i = 0; i < drawn.size(); i++) {
            // At chance 6 of 12; 11 or more then has a probability of 0.3 %.
            var other = drawn.get((i + 1) % drawn.size());
            try (var mine = clip(drawn.get(i).caption(), "clip", new ArrayList<>());
                    var another = clip(other.caption(), "clip", new ArrayList<>());
                    var image = Drawn.images(List.of(drawn.get(i)))) {
                right += mine.score(image)[0] > another.score(image)[0] ? 1 : 0;
            }
        }
        assertTrue(right >= 11, right + " of 12");
    }

    @Test
    void unroundedPicturesScoreNearlyTheSame() {
        try (var images = samples();
                var eightBit = reward();
                var asTheyAre =
                        clip("a photo of a red circle and a blue square", "clip(pixels=float)", new ArrayList<>())) {
            assertArrayEquals(eightBit.score(images), asTheyAre.score(images), 1e-3);
        }
    }

    /** Along the gradient the reward rises as fast as the gradient is long; float32 leaves a percent or so of doubt. */
    @Test
    void theGradientIsThatOfTheScore() {
        try (var images = samples();
                var smooth =
                        clip("a photo of a red circle and a blue square", "clip(pixels=float)", new ArrayList<>());
                var scope = Scope.open()) {
            var graded = graded(smooth, images);
            assertArrayEquals(smooth.score(images), graded.values(), 1e-4);
            var gradient = scope.adopt(graded.gradient().tensor());
            var norms =
                    Arrays.stream(gradient.dotRows(gradient)).map(Math::sqrt).toArray();
            double h = 0.01;
            var step = gradient.timesRows(Arrays.stream(norms).map(n -> h / n).toArray());
            var up = smooth.score(new Images(images.tensor().plus(step)));
            var down = smooth.score(new Images(images.tensor().minus(step)));
            for (int i = 0; i < norms.length; i++) {
                assertEquals(norms[i], (up[i] - down[i]) / (2 * h), 0.02 * norms[i]);
            }
        }
    }

    /** In 8 bits the score is that of the rounded picture, and its gradient nearly that without rounding. */
    @Test
    void theGradientGoesStraightThroughTheRounding() {
        try (var images = samples();
                var eightBit = reward();
                var smooth =
                        clip("a photo of a red circle and a blue square", "clip(pixels=float)", new ArrayList<>());
                var scope = Scope.open()) {
            var rounded = graded(eightBit, images);
            assertArrayEquals(eightBit.score(images), rounded.values(), 1e-5);
            var a = scope.adopt(rounded.gradient().tensor());
            var b = scope.adopt(graded(smooth, images).gradient().tensor());
            var cosine = a.dotRows(b);
            for (int i = 0; i < cosine.length; i++) {
                assertTrue(cosine[i] / Math.sqrt(a.dotRows(a)[i] * b.dotRows(b)[i]) > 0.99);
            }
        }
    }

    private static DifferentiableReward.Graded<Images> graded(Reward<Images> sum, Images images) {
        var clip = ((WeightedReward<Images>) sum).parts().get(0).reward();
        return ((DifferentiableReward<Images>) clip).grade(images);
    }

    @Test
    void aLongPromptIsReported() {
        var warnings = new ArrayList<String>();
        clip("a photo of a red circle " + "and a blue square ".repeat(20), "clip", warnings)
                .close();
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("do not count"), warnings.get(0));
        clip("a photo of a red circle", "clip", warnings).close();
        assertEquals(1, warnings.size());
    }

    @Test
    void whatCannotBeIsRefused() {
        for (var expression : List.of("clip(pixels=16bit)", "clip(model=/no/such/folder)", "clip(mode=x)")) {
            assertThrows(TillerException.class, () -> clip("a circle", expression, new ArrayList<>()));
        }
    }

    private static Reward<Images> clip(String prompt, String expression, List<String> warnings) {
        var models = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"));
        return RewardCatalogue.load(Images.class)
                .create(
                        RewardExpression.parse(expression),
                        new RewardRequest(prompt, Map.of(), models::locate, "cpu", warnings::add));
    }
}
