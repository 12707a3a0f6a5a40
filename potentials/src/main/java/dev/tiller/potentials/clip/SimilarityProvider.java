// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.record.Png;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.nio.file.Path;

/** {@code similarity(image=FILE)}: cosine of a picture and a reference picture (CLIP-I, Ruiz et al. 2022, §4.2). */
public final class SimilarityProvider extends TowerRewardProvider {
    public SimilarityProvider() {
        super(EMBEDDED, new Option("image", "PNG or JPEG file of the reference picture", "must be given"));
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "similarity",
                "how much the picture is like a reference picture",
                "cosine, mostly 0.3 to 1",
                true,
                false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        var file = request.option("image", "");
        if (file.isEmpty()) {
            throw new TillerException("The reward similarity needs a reference picture: similarity(image=FILE).");
        }
        try (var reference = read(Path.of(file))) {
            return Head.affine(tower.pictures(reference)[0], 1, 0);
        }
    }

    static Images read(Path file) {
        var picture = Png.read(file);
        return Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height());
    }
}
