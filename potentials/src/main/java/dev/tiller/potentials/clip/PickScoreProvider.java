// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;

/** {@code pickscore}: CLIP-H tuned on choices of users (Kirstain et al. 2023, arXiv:2305.01569, eq. 1). */
public final class PickScoreProvider extends TowerRewardProvider {
    public PickScoreProvider() {
        super("yuvalkirstain/PickScore_v1");
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "pickscore",
                "which picture users of a web app would pick for the prompt",
                "logit scale x cosine, scale 100; mostly 15 to 25, differences of 1 are large",
                true,
                false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        return Head.affine(tower.text(request.prompt(), request.warnings()), tower.scale(), 0);
    }
}
