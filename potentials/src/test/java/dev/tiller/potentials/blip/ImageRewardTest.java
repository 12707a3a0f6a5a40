// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.blip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.Released;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardLaws;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.WordTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageRewardTest extends RewardLaws<Images> {
    private static final Path FOLDER = Released.FOLDER.resolve("imagereward");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
        assertEquals(0, Backbone.loaded());
    }

    @Override
    protected Reward<Images> reward() {
        return ImageReward.load(FOLDER, "a red circle", Device.CPU, true, DType.FLOAT32, w -> {});
    }

    @Override
    protected Images samples() {
        return Drawn.images(SceneCategory.COLORS, 3);
    }

    /** A small random model in the published layout, against the published formulas: tools/rewards/fixtures.py. */
    @Test
    void equalsItsReference() throws IOException {
        for (var expected : expected()) {
            var warnings = new ArrayList<String>();
            try (var reward = ImageReward.load(
                    FOLDER, expected.path("prompt").asText(), Device.CPU, true, DType.FLOAT32, warnings::add)) {
                for (int i = 0; i < 3; i++) {
                    try (var picture = Released.picture(i)) {
                        assertEquals(expected.path("rewards").path(i).doubleValue(), reward.score(picture)[0], 2e-5);
                    }
                }
            }
            boolean cut = expected.path("prompt").asText().length() > 100;
            assertEquals(cut ? 1 : 0, warnings.size());
            assertTrue(!cut || warnings.get(0).contains("tokens do not count"), warnings.toString());
        }
    }

    /** In bfloat16 within 0.02 of float32, a fiftieth of the reward's deviation, and nearly along its gradient. */
    @Test
    void mapsInBfloat16AreNear() {
        try (var full = ImageReward.load(FOLDER, "a red circle", Device.CPU, true, DType.FLOAT32, w -> {});
                var narrow = ImageReward.load(FOLDER, "a red circle", Device.CPU, true, DType.BFLOAT16, w -> {});
                var images = samples();
                var scope = Scope.open()) {
            var expected = full.score(images);
            var found = narrow.score(images);
            assertArrayEquals(expected, found, 0.02);
            assertFalse(Arrays.equals(expected, found));
            var a = scope.adopt(full.grade(images).gradient().tensor());
            var b = scope.adopt(narrow.grade(images).gradient().tensor());
            for (int i = 0; i < images.size(); i++) {
                assertTrue(a.dotRows(b)[i] / Math.sqrt(a.dotRows(a)[i] * b.dotRows(b)[i]) > 0.995);
            }
            try (var one = images.gather(new int[] {1})) {
                assertEquals(found[1], narrow.score(one)[0]);
            }
        }
    }

    /** Counted: a reward for another prompt loads nothing; of another type it does. */
    @Test
    void promptsShareTheNetwork() {
        var one = reward();
        try (var another = ImageReward.load(FOLDER, "a blue square", Device.CPU, false, DType.FLOAT32, w -> {});
                var images = samples()) {
            assertEquals(1, Backbone.loaded());
            assertTrue(one.shares() && another.shares());
            var values = another.score(images);
            one.close();
            assertArrayEquals(values, another.score(images));
            try (var narrow = ImageReward.load(FOLDER, "a circle", Device.CPU, true, DType.BFLOAT16, w -> {})) {
                assertEquals(2, Backbone.loaded());
            }
        }
    }

    @Test
    void itsTokensAreThoseOfBert() throws IOException {
        try (var tokenizer = WordTokenizer.bert(FOLDER, 35)) {
            for (var expected : expected()) {
                var ids = new long[35];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = expected.path("ids").path(i).longValue();
                }
                assertArrayEquals(
                        ids, tokenizer.encode(expected.path("prompt").asText()).ids());
            }
        }
    }

    @Test
    void aFolderThatLacksAFileIsRefused() {
        assertThrows(
                TillerException.class,
                () -> ImageReward.load(Released.FOLDER, "a red circle", Device.CPU, true, DType.FLOAT32, w -> {}));
    }

    private static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(Files.readString(FOLDER.resolve("expected.json")));
    }
}
