// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.reward.WeightedReward;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Images;
import java.util.Map;
import java.util.Optional;

/**
 * Who looks at pictures.
 *
 * @param reward what is steered by
 * @param heldOut what looks at the same pictures, and nobody steers by
 */
public record Judges(WeightedReward<Images> reward, Optional<WeightedReward<Images>> heldOut) implements AutoCloseable {
    /** The reward alone. */
    public static Judges of(WeightedReward<Images> reward) {
        return new Judges(reward, Optional.empty());
    }

    /** What all say. */
    public Scores scores(Images images) {
        return with(reward.scores(images), images);
    }

    /** What the reward has said, and what is held out says. */
    public Scores with(WeightedReward.Scores said, Images images) {
        return new Scores(
                said.total(),
                said.parts(),
                heldOut.map(judge -> judge.scores(images).parts()).orElse(Map.of()));
    }

    /** How many rewards look at a picture. */
    public int size() {
        return reward.parts().size()
                + heldOut.map(judge -> judge.parts().size()).orElse(0);
    }

    /** Closes the rewards. */
    @Override
    public void close() {
        reward.close();
        heldOut.ifPresent(WeightedReward::close);
    }
}
