// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials;

import dev.tiller.potentials.scene.CaptionedScene;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.potentials.scene.SceneRenderer;
import dev.tiller.potentials.scene.SceneSampler;
import dev.tiller.tensor.Images;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Pictures to show to rewards, the same every time. */
public final class Drawn {
    private Drawn() {}

    public static List<CaptionedScene> scenes(SceneCategory category, int n) {
        var sampler = new SceneSampler(new SplittableRandom(7));
        return Stream.generate(() -> sampler.draw(category)).limit(n).toList();
    }

    public static Images images(SceneCategory category, int n) {
        return images(scenes(category, n));
    }

    public static Images images(List<CaptionedScene> scenes) {
        var pictures = scenes.stream().map(s -> SceneRenderer.render(s.scene())).toArray(byte[][]::new);
        return Images.of(pictures, SceneRenderer.SIZE, SceneRenderer.SIZE);
    }
}
