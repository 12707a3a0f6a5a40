// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.blip;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
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
                new Option("pixels", "8bit: rounded first, as published scores are; float: as they are", "8bit"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var pixels = request.option("pixels", "8bit");
        if (!pixels.equals("8bit") && !pixels.equals("float")) {
            throw new TillerException(
                    "The reward imagereward has pixels=8bit and pixels=float, not pixels=" + pixels + ".");
        }
        return ImageReward.load(
                request.models().apply(request.option("model", PUBLISHED)),
                request.prompt(),
                Device.parse(request.device()),
                pixels.equals("8bit"),
                request.warnings());
    }
}
