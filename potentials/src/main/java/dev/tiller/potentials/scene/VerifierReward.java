// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Rules;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;

/** 1 where a picture fulfils its prompt by {@link SceneVerifier}, else 0; or the share of rules that hold. */
public final class VerifierReward implements Reward<Images> {
    static final RewardInfo INFO = new RewardInfo(
            "verifier",
            "whether a picture of the scene world shows what the prompt says, by rules without learned weights",
            "0 or 1",
            false,
            true);

    private final SceneVerifier verifier = new SceneVerifier();
    private final Rules rules;
    private final boolean soft;

    /** @param soft whether the value is the share of rules that hold */
    public VerifierReward(Rules rules, boolean soft) {
        this.rules = rules;
        this.soft = soft;
    }

    @Override
    public RewardInfo info() {
        return INFO;
    }

    /** @throws TillerException if the pictures are not of the scene world's size */
    @Override
    public double[] score(Images images) {
        if (images.width() != SceneRenderer.SIZE || images.height() != SceneRenderer.SIZE) {
            throw new TillerException("The reward verifier judges pictures of 64×64 pixels only, and these are of "
                    + images.width() + "×" + images.height() + "; choose another reward.");
        }
        var values = new double[images.size()];
        for (int i = 0; i < values.length; i++) {
            var verdict = verifier.judge(images.rgb8(i), rules);
            values[i] = soft ? verdict.fulfilled() : verdict.correct() ? 1 : 0;
        }
        return values;
    }
}
