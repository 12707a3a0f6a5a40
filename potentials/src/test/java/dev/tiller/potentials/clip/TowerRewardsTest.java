// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.nn.clip.PictureTextFiles;
import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.Released;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardLaws;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rewards that look through a tower, as a user names them. */
class TowerRewardsTest {
    private static final String HEAD = Released.FOLDER.resolve("heads/mlp.pth").toString();

    @TempDir
    Path folder;

    @AfterEach
    void noTensorAndNoTowerIsLeft() {
        assertEquals(0, Tensor.alive());
        assertEquals(0, Tower.loaded());
    }

    private abstract static class Laws extends RewardLaws<Images> {
        @Override
        protected Images samples() {
            return Drawn.images(SceneCategory.COLOR_ATTR, 3);
        }
    }

    @Nested
    class AestheticLaws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("aesthetic(head=" + HEAD + ")");
        }
    }

    @Nested
    class Bfloat16Laws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("clip(dtype=bfloat16)");
        }
    }

    @Nested
    class PairLaws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("iqa(good=\"a photo of a circle\", poor=\"a photo of a star\")");
        }
    }

    @Nested
    class GoalLaws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("goal");
        }
    }

    @Nested
    class PickScoreLaws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("pickscore(model=scenes-clip)");
        }
    }

    @Nested
    class SimilarityLaws extends Laws {
        @Override
        protected Reward<Images> reward() {
            return make("similarity(image=" + Released.FOLDER.resolve("1.png") + ")");
        }
    }

    /** PickScore is CLIP's logit with a model of its own; HPS the cosine of a model in open_clip's spelling. */
    @Test
    void releasedScoresAreTheirFormulas() {
        try (var images = Drawn.images(SceneCategory.COLORS, 2);
                var clip = make("clip");
                var pick = make("pickscore(model=scenes-clip)");
                var goal = make("goal(alpha=0)")) {
            assertArrayEquals(clip.score(images), pick.score(images), 0);
            double scale = scale();
            var cosines = goal.score(images);
            for (int i = 0; i < 2; i++) {
                assertEquals(clip.score(images)[i], scale * cosines[i], 1e-4);
            }
        }
    }

    private static double scale() {
        var models = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"));
        try (var model = PictureTextFiles.load(models.locate("scenes-clip"), DType.FLOAT32, Device.CPU)) {
            return model.scale();
        }
    }

    /** Counted: three rewards on one model load it once, encode a text once and look at a picture once. */
    @Test
    void nothingIsDoneTwice() {
        try (var images = Drawn.images(SceneCategory.COLORS, 4);
                var sum = make("clip + 2*goal + iqa + 0.1*aesthetic(head=" + HEAD + ")")) {
            assertEquals(1, Tower.loaded());
            var tower = Tower.open(
                    ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"))
                            .locate("scenes-clip"),
                    Device.CPU,
                    Tower.Look.PUBLISHED);
            try (tower) {
                long[] before = tower.work();
                // The prompt, the baseline, the pair, and the empty text that tells the dimensions.
                assertEquals(5, before[1]);
                sum.score(images);
                assertEquals(4, tower.work()[0] - before[0]);
                sum.score(images);
                assertEquals(4, tower.work()[0] - before[0]);
                try (var others = images.gather(new int[] {2, 0})) {
                    sum.score(others);
                }
                assertEquals(6, tower.work()[0] - before[0]);
                assertEquals(5, tower.work()[1]);
            }
        }
    }

    /** Counted: of another prompt only what depends on it is done; references are looked at again once they were written again. */
    @Test
    void referencesAreLookedAtOnceForAllPrompts() throws IOException {
        try (var images = Drawn.images(SceneCategory.COLORS, 3)) {
            for (int i = 0; i < 3; i++) {
                Files.write(
                        folder.resolve(i + ".png"),
                        Png.encode(new Picture(images.width(), images.height(), images.rgb8(i)), Map.of()));
            }
        }
        var reference = folder.resolve("1.png");
        var expression =
                "clip + 2*similarity(image=%s) + population(measure=frechet, exemplars=%s) + aesthetic(head=%s)"
                        .formatted(reference, folder, HEAD);
        try (var first = Released.reward("a red circle", expression, new ArrayList<>());
                var tower = Tower.open(
                        ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"))
                                .locate("scenes-clip"),
                        Device.CPU,
                        Tower.Look.PUBLISHED)) {
            assertTrue(first.shares());
            // The reference is one of the exemplars. The prompt, and the empty text that tells the dimensions.
            assertArrayEquals(new long[] {3, 2, 0}, tower.work());
            Released.reward("a blue square", expression, new ArrayList<>()).close();
            Released.reward(
                            "a green star",
                            "harmonic(of=\"similarity(image=" + reference + "); goal\")",
                            new ArrayList<>())
                    .close();
            // Two prompts, and the baseline of goal.
            assertArrayEquals(new long[] {3, 5, 0}, tower.work());
            Files.copy(folder.resolve("2.png"), folder.resolve("other"));
            Files.move(folder.resolve("other"), reference, StandardCopyOption.REPLACE_EXISTING);
            Released.reward("a blue square", expression, new ArrayList<>()).close();
            assertArrayEquals(new long[] {4, 5, 0}, tower.work());
        }
    }

    /** Counted: three rewards on one model are graded in one pass, whose gradient is the sum of theirs. */
    @Test
    void severalAreGradedInOnePass() {
        var names = List.of("clip", "2*goal", "-1*iqa");
        try (var images = Drawn.images(SceneCategory.COLORS, 10);
                var sum = (WeightedReward<Images>) make("clip + 2*goal - iqa");
                var scope = Scope.open();
                var tower = Tower.open(
                        ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"))
                                .locate("scenes-clip"),
                        Device.CPU,
                        Tower.Look.PUBLISHED)) {
            var graded = sum.grade(images, TowerRewardsTest::added);
            assertEquals(10, tower.work()[2]);
            assertEquals(0, tower.work()[0]);
            assertEquals(30, sum.calls());
            var expected = new double[images.tensor().toFloats().length];
            for (var name : names) {
                try (var one = (WeightedReward<Images>) make(name)) {
                    var alone = one.grade(images, TowerRewardsTest::added);
                    var gradient = scope.adopt(alone.gradient().tensor()).toFloats();
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] += gradient[i];
                    }
                    var shown = name.replaceAll(".*\\*", "");
                    assertArrayEquals(
                            alone.scores().parts().get(shown),
                            graded.scores().parts().get(shown),
                            0);
                }
            }
            var found = scope.adopt(graded.gradient().tensor()).toFloats();
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-5 * largest);
            }
        }
    }

    private static Images added(List<Double> weights, List<Images> gradients) {
        try (var scope = Scope.open()) {
            Tensor sum = scope.adopt(gradients.get(0).tensor()).times(weights.get(0));
            for (int k = 1; k < weights.size(); k++) {
                sum = sum.plus(scope.adopt(gradients.get(k).tensor()).times(weights.get(k)));
            }
            return new Images(scope.keep(sum));
        }
    }

    @Test
    void theSameFileUnderAnotherNameIsTheSameTower() throws IOException {
        var models = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"));
        var link = Files.createSymbolicLink(
                folder.resolve("linked"), models.locate("scenes-clip").toAbsolutePath());
        try (var one = make("clip");
                var same = make("clip(model=" + link + ")")) {
            assertEquals(1, Tower.loaded());
            try (var other = make("clip(pixels=float)");
                    var narrow = make("clip(dtype=bfloat16)");
                    var another = make("goal(dtype=bfloat16)")) {
                assertEquals(3, Tower.loaded());
            }
        }
    }

    @Test
    void aPictureIsMostLikeItself() throws IOException {
        try (var images = Drawn.images(SceneCategory.COLORS, 3)) {
            var file = folder.resolve("reference.png");
            Files.write(file, Png.encode(new Picture(images.width(), images.height(), images.rgb8(1)), Map.of()));
            try (var similarity = make("similarity(image=" + file + ")")) {
                var values = similarity.score(images);
                assertEquals(1, values[1], 1e-6);
                assertTrue(values[0] < 0.999 && values[2] < 0.999);
            }
        }
    }

    /** In bfloat16 a logit of CLIP, whose scale is SCALE, moves by at most 0.2; one text differs from the next by several. */
    @Test
    void mapsInBfloat16ScoreNearlyTheSame() {
        try (var images = Drawn.images(SceneCategory.COLOR_ATTR, 8);
                var full = (WeightedReward<Images>) make("clip");
                var narrow = (WeightedReward<Images>) make("clip(dtype=bfloat16)");
                var scope = Scope.open()) {
            var expected = full.score(images);
            var found = narrow.score(images);
            assertArrayEquals(expected, found, 0.2);
            assertFalse(Arrays.equals(expected, found));
            var a = scope.adopt(
                    full.grade(images, TowerRewardsTest::added).gradient().tensor());
            var b = scope.adopt(
                    narrow.grade(images, TowerRewardsTest::added).gradient().tensor());
            for (int i = 0; i < 8; i++) {
                assertTrue(a.dotRows(b)[i] / Math.sqrt(a.dotRows(a)[i] * b.dotRows(b)[i]) > 0.999);
            }
        }
    }

    /** HPSv2's preprocessing: the longer edge resized, black around it. Its corners are CLIP's black. */
    @Test
    void aWidePictureIsSeenWhole() {
        var whole = ClipImageProcessor.whole(32);
        try (var scope = Scope.open();
                var wide = Released.picture(2);
                var square = Released.picture(0)) {
            var pixels = scope.adopt(whole.eightBit(wide));
            assertArrayEquals(new long[] {1, 3, 32, 32}, pixels.shape());
            double black = -0.48145466 / 0.26862954;
            // 40×23 becomes 32×18: 7 black rows above and below.
            var red = pixels.slice(1, 0, 1).toFloats();
            for (int x = 0; x < 32; x++) {
                assertEquals(black, red[6 * 32 + x], 1e-5);
                assertEquals(black, red[25 * 32 + x], 1e-5);
            }
            assertTrue(red[12 * 32 + 20] > 0);
            assertArrayEquals(
                    whole.eightBit(wide).shape(), whole.smooth(wide.tensor()).shape());
            assertArrayEquals(
                    ClipImageProcessor.clip(32).eightBit(square).toFloats(),
                    whole.eightBit(square).toFloats());
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        for (var expression : List.of(
                "similarity",
                "similarity(image=/no/such.png)",
                "goal(alpha=2)",
                "goal(alpha=x)",
                "aesthetic(head=/no/such.pth)",
                "aesthetic(head=scenes-clip)",
                "hps(model=scenes-clip)",
                "clip(dtype=float16)",
                "imagereward(model=src/test/resources/released/imagereward, dtype=int8)",
                "population(dtype=double)",
                "verifier(dtype=bfloat16)",
                "imagereward(model=scenes-clip)")) {
            var e = assertThrows(TillerException.class, () -> make(expression), expression);
            assertTrue(e.getMessage().length() < 400, e.getMessage());
        }
    }

    private static Reward<Images> make(String expression) {
        return Released.reward("a photo of a red circle and a blue square", expression, new ArrayList<>());
    }
}
