// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On 1,000 fresh renders of each category the verdict and the set of objects were always right; here on 30. On 1,000
 * pictures of each category that went through the autoencoder of scenes-v1 (33.8 dB) and back the verdict was right for
 * .999 (single object, colours), .965 (two objects), .964 (position, attributes), .845 (counting: the smallest shapes
 * lose their corners), .956 in all; here on 10.
 */
class SceneVerifierTest {
    private static final int SCENES = 30;

    private final SceneVerifier verifier = new SceneVerifier();

    @ParameterizedTest
    @EnumSource
    void seesExactlyWhatFreshRendersShow(SceneCategory category) {
        var sampler = new SceneSampler(new SplittableRandom(category.name().hashCode()));
        for (int i = 0; i < SCENES; i++) {
            var drawn = sampler.draw(category);
            var picture = SceneRenderer.render(drawn.scene());
            var verdict = verifier.judge(picture, drawn.rules());
            assertTrue(verdict.correct(), () -> drawn + ": " + verdict);
            assertEquals(shown(drawn.scene()), seen(verifier.find(picture)), drawn.caption());
        }
    }

    /** The pictures are of the first 60 scenes of this seed, ten of each category. */
    @Test
    void seesWhatAnAutoencoderHasBlurred() throws IOException {
        var sampler = new SceneSampler(new SplittableRandom(5));
        int right = 0;
        try (var in =
                new GZIPInputStream(Objects.requireNonNull(getClass().getResourceAsStream("/round-trips.rgb.gz")))) {
            for (var category : SceneCategory.values()) {
                for (int i = 0; i < 10; i++) {
                    var rules = sampler.draw(category).rules();
                    right += verifier.judge(in.readNBytes(64 * 64 * 3), rules).correct() ? 1 : 0;
                }
            }
        }
        assertTrue(right >= 56, right + " of 60");
    }

    @Test
    void placesAreRightToAPixel() {
        var drawn = new SceneSampler(new SplittableRandom(1)).draw(SceneCategory.SINGLE_OBJECT);
        var wanted = drawn.scene().things().get(0).box();
        var box = verifier.find(SceneRenderer.render(drawn.scene())).get(0).box();
        assertArrayEquals(
                new double[] {wanted.left(), wanted.top(), wanted.right(), wanted.bottom()},
                new double[] {box.left(), box.top(), box.right(), box.bottom()},
                1);
    }

    @Test
    void anotherSceneDoesNotFulfilACaption() {
        var sampler = new SceneSampler(new SplittableRandom(3));
        for (int i = 0; i < SCENES; i++) {
            var asked = sampler.draw(SceneCategory.COLOR_ATTR);
            var shown = sampler.draw(SceneCategory.COLOR_ATTR).scene();
            var names = shown.things().stream()
                    .map(t -> t.shape().word() + " " + t.colour().word())
                    .toList();
            boolean fulfils =
                    asked.rules().include().stream().allMatch(c -> names.contains(c.type() + " " + c.colour()));
            assertEquals(
                    fulfils,
                    verifier.judge(SceneRenderer.render(shown), asked.rules()).correct());
        }
    }

    @Test
    void anEmptyPictureShowsNothing() {
        var rgb = SceneRenderer.render(new Scene(new Scene.Rgb(0.7, 0.7, 0.7), 0.1, 0, List.of()));
        var verdict = verifier.judge(rgb, CaptionParser.parse("a photo of a star"));
        assertFalse(verdict.correct());
        assertEquals("1 × star asked for, 0 found", verdict.reason());
    }

    @Test
    void noiseShowsNothing() {
        var rgb = new byte[64 * 64 * 3];
        new SplittableRandom(4).nextBytes(rgb);
        assertEquals(List.of(), verifier.find(rgb));
    }

    @Test
    void aPictureOfAnotherSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> verifier.find(new byte[32 * 32 * 3]));
    }

    private static List<String> shown(Scene scene) {
        var names = new ArrayList<>(
                scene.things().stream().map(t -> t.shape() + " " + t.colour()).toList());
        names.sort(null);
        return names;
    }

    private static List<String> seen(List<FoundObject> objects) {
        var names = new ArrayList<>(
                objects.stream().map(t -> t.shape() + " " + t.colour()).toList());
        names.sort(null);
        return names;
    }
}
