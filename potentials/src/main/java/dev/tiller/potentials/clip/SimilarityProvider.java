// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
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
        return Head.affine(tower.reference(Path.of(file)), 1, 0);
    }
}
