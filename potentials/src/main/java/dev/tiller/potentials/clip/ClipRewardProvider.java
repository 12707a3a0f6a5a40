// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.util.List;

/** {@code clip}, {@code clip(model=FOLDER)}, {@code clip(pixels=float)}. */
public final class ClipRewardProvider implements RewardProvider<Images> {
    private static final String EMBEDDED = "scenes-clip";

    @Override
    public RewardInfo info() {
        return ClipReward.INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("model", "name or folder of a CLIPModel in transformers' layout", EMBEDDED),
                new Option("pixels", "8bit: rounded first, as published scores are; float: as they are", "8bit"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var pixels = request.option("pixels", "8bit");
        if (!pixels.equals("8bit") && !pixels.equals("float")) {
            throw new TillerException("The reward clip has pixels=8bit and pixels=float, not pixels=" + pixels + ".");
        }
        var folder = request.models().apply(request.option("model", EMBEDDED));
        return ClipReward.load(
                folder, request.prompt(), Device.parse(request.device()), pixels.equals("8bit"), request.warnings());
    }
}
