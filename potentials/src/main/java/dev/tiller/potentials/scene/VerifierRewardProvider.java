// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.util.List;

/** {@code verifier}, {@code verifier(soft=true)}. */
public final class VerifierRewardProvider implements RewardProvider<Images> {
    @Override
    public RewardInfo info() {
        return VerifierReward.INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(new Option("soft", "true: the share of rules that hold, instead of all or nothing", "false"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var soft = request.option("soft", "false");
        if (!soft.equals("true") && !soft.equals("false")) {
            throw new TillerException("The reward verifier has soft=true and soft=false, not soft=" + soft + ".");
        }
        return new VerifierReward(CaptionParser.parse(request.prompt()), soft.equals("true"));
    }
}
