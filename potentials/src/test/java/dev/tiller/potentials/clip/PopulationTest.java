// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.Released;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.reward.Reward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reward {@code population} on drawn pictures. */
class PopulationTest {
    @TempDir
    Path folder;

    @AfterEach
    void noTensorAndNoTowerIsLeft() {
        assertEquals(0, Tensor.alive());
        assertEquals(0, Tower.loaded());
    }

    private static WeightedReward<Images> make(String expression) {
        return (WeightedReward<Images>) Released.reward("a photo", expression, new ArrayList<>());
    }

    private static double all(Reward.Scores scores) {
        return scores.parts().entrySet().stream()
                .filter(e -> e.getKey().endsWith("of all"))
                .findFirst()
                .orElseThrow()
                .getValue()[0];
    }

    /** Of five pictures three are the same: they are about three pictures' worth, and the odd ones out have the credit. */
    @Test
    void theOddOnesOutMakeDiversity() {
        try (var images = Drawn.images(SceneCategory.COLORS, 3);
                var five = images.gather(new int[] {0, 0, 0, 1, 2});
                var same = images.gather(new int[] {1, 1, 1});
                var vendi = make("population")) {
            var scores = vendi.scores(five);
            var credit = scores.total();
            assertEquals(credit[0], credit[1], 1e-6);
            assertTrue(credit[3] > credit[0] && credit[4] > credit[0]);
            assertTrue(all(scores) > 1 && all(scores) < 3, all(scores) + "");
            assertEquals(1, all(vendi.scores(same)), 1e-6);
            // Shown in parts, it is the same population.
            var scoring = vendi.scoring();
            try (var first = new Images(five.tensor().rows(0, 2));
                    var rest = new Images(five.tensor().rows(2, 5))) {
                scoring.add(first);
                scoring.add(rest);
            }
            assertArrayEquals(credit, scoring.scores().total(), 1e-6);
        }
    }

    /** Exemplars are three pictures: with these three the distance is 0, and who is none of them has the blame. */
    @ParameterizedTest
    @ValueSource(strings = {"frechet", "kernel"})
    void whoIsLikeTheExemplarsHasTheCredit(String measure) throws IOException {
        try (var images = Drawn.images(SceneCategory.COLORS, 3);
                var others = Drawn.images(SceneCategory.COUNTING, 1);
                var four = new Images(Tensor.concat(0, images.tensor(), others.tensor()))) {
            for (int i = 0; i < 3; i++) {
                Files.write(
                        folder.resolve(i + ".png"),
                        Png.encode(new Picture(images.width(), images.height(), images.rgb8(i)), Map.of()));
            }
            try (var reward = make("population(measure=" + measure + ", exemplars=" + folder + ")")) {
                assertEquals(0, all(reward.scores(images)), 1e-6);
                var scores = reward.scores(four);
                assertTrue(all(scores) < -1e-4);
                for (int i = 0; i < 3; i++) {
                    assertTrue(scores.total()[i] > scores.total()[3]);
                }
                assertTrue(scores.total()[3] < 0);
            }
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        for (var expression : List.of(
                "population(measure=size)",
                "population(measure=frechet)",
                "population(exemplars=" + folder + ")",
                "population(measure=kernel, exemplars=" + folder + ")",
                "population(measure=kernel, exemplars=/no/such)")) {
            assertThrows(TillerException.class, () -> make(expression), expression);
        }
    }
}
