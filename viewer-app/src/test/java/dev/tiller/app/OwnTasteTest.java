// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the window's user prefers becomes a reward. */
class OwnTasteTest {
    @TempDir
    Path temp;

    /** With a space, as it has on a Mac. */
    private Path settings;

    @BeforeEach
    void name() {
        settings = temp.resolve("Application Support");
    }

    private final ModelLocator models = ModelLocator.ofEnvironment(System.getenv());

    @Test
    void whatIsPreferredIsSteeredBy() throws InterruptedException {
        var taste = new OwnTaste(models, settings);
        assertEquals(Optional.empty(), taste.reward());
        var liked = plain(200, 30, 30);
        var other = plain(30, 30, 200);
        assertTrue(told(taste, liked, other).startsWith("Learnt from 1 choice."));
        // Another window goes on with what the first one learnt.
        var again = new OwnTaste(models, settings);
        assertTrue(told(again, liked, plain(30, 200, 30)).startsWith("Learnt from 2 choices."));
        var expression = RewardExpression.parse(again.reward().orElseThrow());
        try (var reward = RewardCatalogue.load(Images.class)
                        .create(expression, new RewardRequest("whatever", models::locate));
                var both = Images.of(
                        new byte[][] {Png.decode(liked).rgb(), Png.decode(other).rgb()}, 64, 64)) {
            double[] values = reward.score(both);
            assertTrue(values[0] > values[1], values[0] + " against " + values[1]);
        }
    }

    @Test
    void whatIsNoPictureTeachesNothing() throws InterruptedException {
        var taste = new OwnTaste(models, settings);
        var said = told(taste, new byte[] {1, 2, 3}, plain(1, 2, 3));
        assertTrue(said.startsWith("That could not be learnt: "), said);
        assertEquals(Optional.empty(), taste.reward());
    }

    private static String told(OwnTaste taste, byte[] better, byte[] worse) throws InterruptedException {
        var sentences = new LinkedBlockingQueue<String>();
        taste.prefer(better, worse, sentences::add);
        return Optional.ofNullable(sentences.poll(60, TimeUnit.SECONDS)).orElse("nothing was said");
    }

    private static byte[] plain(int red, int green, int blue) {
        var rgb = new byte[64 * 64 * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return Png.encode(new Picture(64, 64, rgb), Map.of());
    }
}
