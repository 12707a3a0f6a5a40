// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials;

import dev.tiller.record.Png;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Small random models in the layouts of released ones, and rewards by name as a user gets them. */
public final class Released {
    public static final Path FOLDER = Path.of("src", "test", "resources", "released");

    private Released() {}

    /** One of the pictures that the references looked at. */
    public static Images picture(int i) {
        try {
            var picture = Png.decode(Files.readAllBytes(FOLDER.resolve(i + ".png")));
            return Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Reward<Images> reward(String prompt, String expression, List<String> warnings) {
        var models = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/nonexistent"));
        return RewardCatalogue.load(Images.class)
                .create(
                        RewardExpression.parse(expression),
                        new RewardRequest(prompt, Map.of(), models::locate, "cpu", warnings::add));
    }
}
