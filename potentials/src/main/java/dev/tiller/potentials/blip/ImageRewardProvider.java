// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.blip;

import dev.tiller.potentials.clip.TowerOptions;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.util.List;

/** {@code imagereward}, {@code imagereward(model=FOLDER)}. */
public final class ImageRewardProvider implements RewardProvider<Images> {
    private static final String PUBLISHED = "THUDM/ImageReward";

    @Override
    public RewardInfo info() {
        return ImageReward.INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option(
                        "model",
                        "folder with ImageReward.pt, med_config.json and vocab.txt of BERT uncased",
                        PUBLISHED),
                TowerOptions.PIXELS,
                TowerOptions.MAPS);
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        return ImageReward.load(
                request.models().apply(request.option("model", PUBLISHED)),
                request.prompt(),
                Device.parse(request.device()),
                TowerOptions.eightBit(request, info().name()),
                TowerOptions.maps(request, info().name()),
                request.warnings());
    }
}
