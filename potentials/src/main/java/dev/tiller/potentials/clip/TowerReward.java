// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.tensor.Images;

/** A {@link Head} on a {@link Tower}: every reward that looks at pictures through CLIP or its kin. */
final class TowerReward implements DifferentiableReward<Images> {
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
        var places = tower.pictures(images);
        var values = new double[places.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = head.value(places[i]);
        }
        return values;
    }

    /** With 8-bit pictures the gradient goes straight through the rounding. */
    @Override
    public Graded<Images> grade(Images images) {
        return tower.grade(images, head);
    }

    @Override
    public void close() {
        tower.close();
    }
}
