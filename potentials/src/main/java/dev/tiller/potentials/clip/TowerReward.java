// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.JointReward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardInfo;
import dev.tiller.tensor.Images;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** A {@link Head} on a {@link Tower}: every reward that looks at pictures through CLIP or its kin. */
final class TowerReward implements JointReward<Images> {
    private final RewardInfo info;
    private final Tower tower;
    private final Head head;

    /** @param tower owned by the reward */
    TowerReward(RewardInfo info, Tower tower, Head head) {
        this.info = info;
        this.tower = tower;
        this.head = head;
    }

    @Override
    public RewardInfo info() {
        return info;
    }

    @Override
    public double[] score(Images images) {
        return Arrays.stream(tower.pictures(images)).mapToDouble(head::value).toArray();
    }

    @Override
    public Scores scores(Images images) {
        return scores(head, tower.pictures(images));
    }

    /** What a head says of places. */
    static Scores scores(Head head, double[][] places) {
        var parts = new TreeMap<String, double[]>();
        for (int i = 0; i < places.length; i++) {
            int row = i;
            head.shown(places[i])
                    .forEach((name, value) -> parts.computeIfAbsent(name, n -> new double[places.length])[row] = value);
        }
        return new Scores(Arrays.stream(places).mapToDouble(head::value).toArray(), parts);
    }

    @Override
    public Object shared() {
        return tower;
    }

    /** With 8-bit pictures the gradient goes straight through the rounding. */
    @Override
    public Joint<Images> grade(Images images, List<? extends JointReward<Images>> rewards, List<Double> weights) {
        return tower.grade(
                images, rewards.stream().map(r -> ((TowerReward) r).head).toList(), weights);
    }

    @Override
    public boolean shares() {
        return true;
    }

    @Override
    public void close() {
        tower.close();
    }
}
