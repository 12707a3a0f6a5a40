// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;

/**
 * {@code clip}, {@code clip(model=FOLDER)}: the logit of CLIP, r = exp(logit_scale) · cos(E_image(y), E_text(prompt))
 * (Radford et al. 2021, figure 3), and of SigLIP, which adds its bias (Zhai et al. 2023, algorithm 1).
 */
public final class ClipRewardProvider extends TowerRewardProvider {
    public ClipRewardProvider() {
        super(EMBEDDED);
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "clip",
                "how well the picture agrees with the prompt, by CLIP or SigLIP",
                "logit scale x cosine (+ bias); within (-s, s) where s is the model's scale, mostly 100",
                true,
                false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        return Head.affine(tower.text(request.prompt(), request.warnings()), tower.scale(), tower.bias());
    }
}
