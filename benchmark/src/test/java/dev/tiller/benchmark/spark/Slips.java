// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;

/** A judge to whom, in tasks of Spark, something may happen. */
public final class Slips implements RewardProvider<Images>, Reward<Images> {
    static volatile Consumer<TaskContext> happens = task -> {};

    @Override
    public RewardInfo info() {
        return new RewardInfo("slips", "nothing", "1", false, false);
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        return this;
    }

    @Override
    public double[] score(Images images) {
        var task = TaskContext.get();
        if (task != null) {
            happens.accept(task);
        }
        return new double[] {1};
    }
}
