// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.reward.Reward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Images;
import java.util.LinkedHashMap;
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

    /** The scoring of a population that is shown in parts. */
    public Scoring scoring() {
        return new Scoring(reward.scoring(), heldOut.map(WeightedReward::scoring));
    }

    /** One population being looked at. */
    public record Scoring(WeightedReward<Images>.Scoring reward, Optional<WeightedReward<Images>.Scoring> heldOut) {
        /** Shows the next pictures, which need not live longer than the call. */
        public void add(Images images) {
            reward.add(images);
            heldOut.ifPresent(judge -> judge.add(images));
        }

        /** What all say of all pictures. */
        public Scores scores() {
            var said = reward.scores();
            return new Scores(
                    said.total(),
                    said.parts(),
                    heldOut.map(judge -> judge.scores().parts()).orElse(Map.of()));
        }
    }

    /** What all have used since they were made. */
    public Cost cost() {
        return reward.cost().plus(heldOut.map(WeightedReward::cost).orElse(Cost.NONE));
    }

    /** What each reward keeps of the populations it has seen, by a name of its own; those that keep nothing are left out. */
    public Map<String, double[]> memories() {
        var memories = new LinkedHashMap<String, double[]>();
        named().forEach((name, reward) -> {
            if (reward.memory().length > 0) {
                memories.put(name, reward.memory());
            }
        });
        return memories;
    }

    /**
     * Goes on from what {@link #memories} gave; a reward that is not among them keeps what it has.
     *
     * @throws TillerException if a memory does not fit its reward
     */
    public void remember(Map<String, double[]> memories) {
        var rewards = named();
        memories.forEach(
                (name, memory) -> Optional.ofNullable(rewards.get(name)).ifPresent(r -> r.remember(memory)));
    }

    private Map<String, Reward<Images>> named() {
        var rewards = new LinkedHashMap<String, Reward<Images>>();
        reward.parts().forEach(part -> rewards.put("reward." + part.name(), part.reward()));
        heldOut.ifPresent(judge -> judge.parts().forEach(part -> rewards.put("held." + part.name(), part.reward())));
        return rewards;
    }

    /** Closes the rewards. */
    @Override
    public void close() {
        reward.close();
        heldOut.ifPresent(WeightedReward::close);
    }
}
