// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;

/**
 * {@code iqa}, {@code iqa(good="Sharp photo.", poor="Blurry photo.")}: the probability that the first of two texts is the
 * picture's (CLIP-IQA, Wang et al. 2023, arXiv:2207.12396, eq. 2, with the paper's prompts).
 */
public final class QualityPairProvider extends TowerRewardProvider {
    private static final String GOOD = "Good photo.";
    private static final String POOR = "Bad photo.";

    public QualityPairProvider() {
        super(
                EMBEDDED,
                new Option("good", "what one would like to see", GOOD),
                new Option("poor", "its opposite", POOR));
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "iqa",
                "whether the picture is rather good than poor, by two texts",
                "probability, 0 to 1",
                true,
                false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        return Head.pair(
                tower.text(request.option("good", GOOD), request.warnings()),
                tower.text(request.option("poor", POOR), request.warnings()),
                tower.scale());
    }
}
