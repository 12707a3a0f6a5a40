// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code hps}: Human Preference Score v2 and v2.1 (Wu et al. 2023, arXiv:2306.09341), CLIP-H in open_clip's layout. The
 * published score is the cosine, without the logit scale; the longer edge of a picture is resized, and the rest black.
 */
public final class HpsProvider extends TowerRewardProvider {
    private static final List<String> FILES =
            List.of("HPS_v2.1_compressed.pt", "HPS_v2_compressed.pt", "HPS_v2.1.safetensors", "HPS_v2.safetensors");

    public HpsProvider() {
        super("xswu/HPSv2");
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "hps",
                "which picture people would prefer for the prompt, HPSv2 or v2.1",
                "cosine; mostly 0.2 to 0.35, differences of 0.01 are large",
                true,
                false);
    }

    @Override
    Path weights(Path folder) {
        return FILES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new TillerException("The folder " + folder + " has none of " + FILES + "."));
    }

    @Override
    boolean whole() {
        return true;
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        return Head.affine(tower.text(request.prompt(), request.warnings()), 1, 0);
    }
}
