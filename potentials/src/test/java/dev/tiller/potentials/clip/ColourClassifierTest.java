// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.nn.clip.PictureTextFiles;
import dev.tiller.nn.clip.PictureTextModel;
import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.potentials.scene.SceneRenderer;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import dev.tiller.weights.ModelLocator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Through the embedded CLIP of the scene world. */
class ColourClassifierTest {
    private static final Path MODEL = ModelLocator.ofEnvironment(Map.of()).locate("scenes-clip");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    private static RgbImage drawn(byte[] rgb) {
        return new RgbImage(rgb, SceneRenderer.SIZE, SceneRenderer.SIZE);
    }

    /** GenEval's evaluation restated: composite with grey, PIL's crop, zero-shot weights, the largest of ten logits. */
    private static String reference(
            PictureTextModel model, RgbImage picture, String type, Box box, boolean @Nullable [] mask) {
        int left = Math.max(0, halfToEven(box.left()));
        int top = Math.max(0, halfToEven(box.top()));
        int right = Math.min(picture.width(), halfToEven(box.right()));
        int bottom = Math.min(picture.height(), halfToEven(box.bottom()));
        var crop = new byte[(right - left) * (bottom - top) * 3];
        int i = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int pixel = y * picture.width() + x;
                for (int c = 0; c < 3; c++) {
                    crop[i++] = mask == null || mask[pixel] ? picture.rgb()[3 * pixel + c] : (byte) 153;
                }
            }
        }
        var colours = "red orange yellow green blue purple pink brown black white".split(" ", -1);
        var logits = new double[colours.length];
        try (var scope = Scope.open();
                var tokenizer = ClipTokenizer.load(MODEL);
                var images = Images.of(new byte[][] {crop}, right - left, bottom - top)) {
            var seen = model.pictures(ClipImageProcessor.in(MODEL).orElseThrow().eightBit(images))
                    .toDoubles();
            for (int k = 0; k < colours.length; k++) {
                var mean = new double[seen.length];
                for (var template :
                        new String[] {"a photo of a %s %s", "a photo of a %s-colored %s", "a photo of a %s object"}) {
                    var ids = tokenizer
                            .encode(template.formatted(colours[k], type))
                            .ids();
                    var text = model.texts(scope.adopt(Tensor.of(ids, 1, ids.length)))
                            .toDoubles();
                    for (int j = 0; j < mean.length; j++) {
                        mean[j] += text[j] / 3;
                    }
                }
                double norm = Math.sqrt(Arrays.stream(mean).map(v -> v * v).sum());
                for (int j = 0; j < mean.length; j++) {
                    logits[k] += 100 * seen[j] * mean[j] / norm;
                }
            }
        }
        int best = 0;
        for (int k = 1; k < logits.length; k++) {
            best = logits[k] > logits[best] ? k : best;
        }
        return colours[best];
    }

    private static int halfToEven(double value) {
        return BigDecimal.valueOf(value).setScale(0, RoundingMode.HALF_EVEN).intValueExact();
    }

    @Test
    void coloursAreThoseOfASlowReference() {
        var random = new SplittableRandom(11);
        var scenes = Drawn.scenes(SceneCategory.COLOR_ATTR, 8);
        try (var classifier = ColourClassifier.open(MODEL, Device.CPU);
                var model = PictureTextFiles.load(MODEL, DType.FLOAT32, Device.CPU)) {
            for (var scene : scenes) {
                var picture = drawn(SceneRenderer.render(scene.scene()));
                // Some reach over the edge, and some end on halves.
                double x = random.nextInt(-20, 80) / 2.0;
                double y = random.nextInt(-20, 80) / 2.0;
                var box = new Box(x, y, x + 24.5, y + 24.5);
                var mask = new boolean[64 * 64];
                for (int i = 0; i < mask.length; i++) {
                    mask[i] = random.nextBoolean();
                }
                assertEquals(
                        reference(model, picture, "circle", box, null),
                        classifier.colour(picture, "circle", box, null));
                assertEquals(
                        reference(model, picture, "star", box, mask), classifier.colour(picture, "star", box, mask));
            }
        }
    }

    /** That CLIP never saw a crop; at chance 2 or 3 of 24 would be right, and 9 or more with a probability of 0.1 %. */
    @Test
    void coloursAreMostlyTheRightOnes() {
        int right = 0;
        try (var classifier = ColourClassifier.open(MODEL, Device.CPU)) {
            for (var scene : Drawn.scenes(SceneCategory.COLORS, 24)) {
                var thing = scene.scene().things().get(0);
                var found = classifier.colour(
                        drawn(SceneRenderer.render(scene.scene())),
                        thing.shape().word(),
                        thing.box(),
                        null);
                right += found.equals(thing.colour().word()) ? 1 : 0;
            }
        }
        assertTrue(right >= 9, right + " of 24");
    }

    @Test
    void cropsAreWhatPilCuts() {
        var rgb = new byte[4 * 3 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) i;
        }
        var picture = new RgbImage(rgb, 4, 3);
        var crop = ColourClassifier.crop(picture, new Box(0.5, 1.5, 2.5, 9));
        assertEquals(2, crop.width());
        assertEquals(1, crop.height());
        assertArrayEquals(new byte[] {24, 25, 26, 27, 28, 29}, crop.rgb());
        var one = ColourClassifier.crop(picture, new Box(3.9, -5, 3.95, -4));
        assertEquals(1, one.width() * one.height());
        var grey = ColourClassifier.masked(picture, new boolean[12]);
        assertArrayEquals(
                new byte[] {(byte) 153, (byte) 153, (byte) 153},
                ColourClassifier.crop(grey, new Box(1, 1, 2, 2)).rgb());
        assertThrows(IllegalArgumentException.class, () -> ColourClassifier.masked(picture, new boolean[11]));
    }
}
