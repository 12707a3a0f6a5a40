// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code aesthetic}: a head on CLIP's pictures that tells how pleasing one is, whatever the prompt: LAION's linear heads
 * (LAION-Aesthetics predictor v1, 2022) and the later MLP (Schuhmann, improved aesthetic predictor), whose layers have
 * no activations between them. The embedded head values where the embedded scenes' shapes stand, see tools/scenes.
 */
public final class AestheticProvider extends TowerRewardProvider {
    private static final String EMBEDDED_HEAD = "scenes-aesthetic";

    public AestheticProvider() {
        super(
                EMBEDDED,
                new Option("head", "file of the head (.pth, .pt, .safetensors) or a folder with it", EMBEDDED_HEAD));
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "aesthetic",
                "how pleasing the picture is, whatever the prompt",
                "LAION: mean opinion, 1 to 10, mostly 4 to 7",
                true,
                false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        var named = request.option("head", EMBEDDED_HEAD);
        var file = Path.of(named);
        AffineChain chain;
        if (Files.isRegularFile(file)) {
            chain = tower.kept(file, AffineChain.class, () -> AffineChain.read(WeightFiles.of(file), ""));
        } else {
            var files = WeightFiles.in(request.models().apply(named));
            chain = tower.kept(files.files().get(0), AffineChain.class, () -> AffineChain.read(files, ""));
        }
        if (chain.weight().length != tower.dimensions()) {
            throw new TillerException("The head " + named + " reads " + chain.weight().length
                    + " numbers, but the model gives " + tower.dimensions()
                    + ": give the CLIP model that it was made for, with model=.");
        }
        return Head.affine(chain.weight(), 1, chain.bias());
    }
}
