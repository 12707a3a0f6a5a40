// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;

/** Likes red pictures: a reward that needs no model, for tests. */
public final class RednessReward implements RewardProvider<Images> {
    @Override
    public RewardInfo info() {
        return new RewardInfo("redness", "mean of red less the mean of green and blue", "-255 to 255", false, false);
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        return new Reward<>() {
            @Override
            public RewardInfo info() {
                return RednessReward.this.info();
            }

            @Override
            public double[] score(Images images) {
                var scores = new double[images.size()];
                for (int i = 0; i < scores.length; i++) {
                    var rgb = images.rgb8(i);
                    for (int p = 0; p < rgb.length; p++) {
                        scores[i] += (rgb[p] & 0xFF) * (p % 3 == 0 ? 1 : -0.5) * 3 / rgb.length;
                    }
                }
                return scores;
            }
        };
    }
}
