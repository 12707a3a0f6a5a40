// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.Released;
import dev.tiller.potentials.clip.Taste.Shown;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardLaws;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A taste taught by choices between drawn pictures. Whoever chooses likes red circles, by CLIP's score with a text. */
class TasteTest {
    private static final int PICTURES = 80;
    private static final ModelLocator MODELS = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"));

    @TempDir
    Path folder;

    @AfterEach
    void noTensorAndNoTowerIsLeft() {
        assertEquals(0, Tensor.alive());
        assertEquals(0, Tower.loaded());
    }

    private static Reward<Images> make(String expression) {
        return Released.reward("a photo of a red circle", expression, new ArrayList<>());
    }

    private static TasteTeacher teacher() {
        return TasteTeacher.of("scenes-clip", MODELS::locate, "cpu");
    }

    private static double[] liking(Images images) {
        try (var clip = make("clip")) {
            return clip.score(images);
        }
    }

    /**
     * Teaches choices between the first pictures; better by a planted liking whose deviation is 3 logits, with the noise
     * that Bradley and Terry have.
     */
    private static TasteTeacher taught(Images images, double[] liking, int among, int choices, long seed) {
        double spread =
                Math.sqrt(Arrays.stream(liking).map(x -> x * x).average().orElseThrow()
                        - Math.pow(Arrays.stream(liking).average().orElseThrow(), 2));
        var random = new Random(seed);
        var teacher = teacher();
        var shown = new ArrayList<Shown>();
        for (int i = 0; i < among; i++) {
            try (var one = images.gather(new int[] {i})) {
                shown.add(teacher.look(i + ".png", one));
            }
        }
        for (int c = 0; c < choices; c++) {
            int a = random.nextInt(among);
            int b = (a + 1 + random.nextInt(among - 1)) % among;
            boolean first = random.nextDouble() < 1 / (1 + Math.exp(-3 * (liking[a] - liking[b]) / spread));
            teacher.prefer(shown.get(first ? a : b), shown.get(first ? b : a));
        }
        return teacher;
    }

    /** Share of pairs among pictures that were not taught which a taste puts in the order of the liking. */
    private static double right(double[] values, double[] liking, int from) {
        int right = 0;
        int pairs = 0;
        for (int i = from; i < values.length; i++) {
            for (int j = from; j < i; j++) {
                pairs++;
                right += (values[i] > values[j]) == (liking[i] > liking[j]) ? 1 : 0;
            }
        }
        return right / (double) pairs;
    }

    /**
     * From 60 choices between 50 pictures, of 30 others most pairs are put in order. The control is taught the same liking
     * of other pictures: dealt out anew, it knows nothing of these, and foretells none of its own choices either.
     */
    @Test
    void aTasteIsLearntFromChoicesAndNotFromShuffledOnes() {
        try (var images = Drawn.images(SceneCategory.COLORS, PICTURES)) {
            var liking = liking(images);
            try (var teacher = taught(images, liking, 50, 60, 1)) {
                teacher.taste().save(folder.resolve("taste.json"));
                assertTrue(
                        teacher.taste().foretold().low() > 0.5,
                        teacher.taste().foretold().toString());
            }
            double shuffledRight = 0;
            double foretold = 0;
            for (int s = 0; s < 4; s++) {
                var shuffled = liking.clone();
                var random = new Random(s);
                for (int i = shuffled.length - 1; i > 0; i--) {
                    int j = random.nextInt(i + 1);
                    double x = shuffled[i];
                    shuffled[i] = shuffled[j];
                    shuffled[j] = x;
                }
                try (var teacher = taught(images, shuffled, 50, 60, 1);
                        var file = saved(teacher)) {
                    shuffledRight += right(file.score(images), liking, 50) / 4;
                    foretold += teacher.taste().foretold().accuracy() / 4;
                }
            }
            try (var taste = make("taste(file=" + folder.resolve("taste.json") + ")")) {
                double right = right(taste.score(images), liking, 50);
                assertTrue(right > 0.75, right + " in order");
                assertTrue(shuffledRight < 0.68, shuffledRight + " in order after shuffling");
                assertTrue(foretold < 0.72, foretold + " foretold after shuffling");
            }
        }
    }

    private Reward<Images> saved(TasteTeacher teacher) {
        var file = folder.resolve("shuffled.json");
        teacher.taste().save(file);
        return make("taste(file=" + file + ")");
    }

    @Test
    void aFileGivesBackWhatWasSavedAndCanBeTaughtMore() throws IOException {
        var file = folder.resolve("taste.json");
        try (var images = Drawn.images(SceneCategory.COLORS, 6)) {
            Taste before;
            try (var teacher = taught(images, liking(images), 6, 9, 2)) {
                before = teacher.taste();
                before.save(file);
            }
            var after = Taste.read(file);
            assertArrayEquals(before.utility().weights(), after.utility().weights(), 0);
            assertEquals(before.pairs(), after.pairs());
            assertTrue(Files.size(file) < 6 * 1000, "small");
            try (var teacher = TasteTeacher.of(after, MODELS::locate, "cpu");
                    var one = images.gather(new int[] {5})) {
                teacher.prefer(teacher.look("again.png", one), after.pictures().get(0));
                assertEquals(10, teacher.taste().pairs().size());
                // A picture that is known already is not kept twice.
                assertEquals(after.pictures().size(), teacher.taste().pictures().size());
            }
        }
    }

    /** How sure it is stands beside the value; caution takes it off; what is far from all that was taught is doubtful. */
    @Test
    void doubtIsShownAndCanBeTakenOff() {
        var file = folder.resolve("taste.json");
        try (var images = Drawn.images(SceneCategory.COLORS, 6)) {
            try (var teacher = taught(images, liking(images), 4, 12, 2)) {
                teacher.taste().save(file);
            }
            try (var plain = (WeightedReward<Images>) make("taste(file=" + file + ")");
                    var cautious = make("taste(file=" + file + ", caution=2)")) {
                var scores = plain.scores(images);
                var doubt = scores.parts().entrySet().stream()
                        .filter(e -> e.getKey().endsWith("doubt"))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
                var graded = plain.grade(images, (weights, gradients) -> gradients.get(0));
                graded.gradient().close();
                assertEquals(scores.parts().keySet(), graded.scores().parts().keySet());
                var less = cautious.score(images);
                for (int i = 0; i < 6; i++) {
                    assertTrue(doubt[i] > 0);
                    assertEquals(scores.total()[i] - 2 * doubt[i], less[i], 1e-9);
                }
            }
        }
    }

    @Test
    void anotherTowersTasteIsRefused() throws IOException {
        var file = folder.resolve("taste.json");
        try (var images = Drawn.images(SceneCategory.COLORS, 3)) {
            try (var teacher = taught(images, liking(images), 3, 2, 2)) {
                teacher.taste().save(file);
            }
        }
        var text = Files.readString(file);
        Files.writeString(file, text.replaceAll("[0-9a-f]{64}", "0".repeat(64)));
        refused(file, "other weights");
        Files.writeString(file, text.replace("taste/1", "taste/9"));
        refused(file, "tiller-taste/1");
        Files.writeString(file, text.substring(0, text.length() / 2));
        refused(file, "not JSON");
        Files.writeString(file, text.replaceFirst("\"pairs\":\\[\\[\\d", "\"pairs\":[[7"));
        refused(file, "picture 7 of");
        Files.writeString(file, text.replaceFirst("\"pairs\":.*", "\"pairs\":[]}"));
        refused(file, "none yet");
        refused(folder.resolve("nothing.json"), "does it exist");
        assertTrue(assertThrows(TillerException.class, () -> make("taste"))
                .getMessage()
                .contains("teach"));
    }

    private static void refused(Path file, String words) {
        var e = assertThrows(TillerException.class, () -> make("taste(file=" + file + ")"));
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    /** What every reward obeys, a taste does. */
    @Nested
    class Laws extends RewardLaws<Images> {
        @Override
        protected Reward<Images> reward() {
            var file = folder.resolve("laws.json");
            try (var images = samples();
                    var teacher = taught(images, new double[] {1, 2, 3}, 3, 4, 5)) {
                teacher.taste().save(file);
            }
            return make("taste(file=" + file + ", caution=0.5)");
        }

        @Override
        protected Images samples() {
            return Drawn.images(SceneCategory.COLOR_ATTR, 3);
        }
    }

    /** The gradient of value and doubt together is that of differences. */
    @Test
    void likingHasItsDerivative() {
        var random = new Random(8);
        var choices = List.of(unit(random), unit(random), unit(random));
        var head = new TasteProvider.Liking(dev.tiller.reward.LinearUtility.fit(choices, 4), unit(random), 0.7);
        var e = unit(random);
        var gradient = head.gradient(e);
        for (int k = 0; k < e.length; k++) {
            var up = e.clone();
            var down = e.clone();
            up[k] += 1e-5;
            down[k] -= 1e-5;
            assertEquals((head.value(up) - head.value(down)) / 2e-5, gradient[k], 1e-6);
        }
    }

    private static double[] unit(Random random) {
        var x = random.doubles(6, -1, 1).toArray();
        double norm = Math.sqrt(Head.dot(x, x));
        return Arrays.stream(x).map(v -> v / norm).toArray();
    }
}
