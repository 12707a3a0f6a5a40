// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What one reward has seen of a population: values where it looks at rows one by one, memories where at all together. */
abstract class Gathering<Y> {
    /** Shows it rows; returns how many. */
    abstract int add(Y rows);

    abstract WeightedReward.Scores scores();

    static <Y> Gathering<Y> of(Reward<Y> reward) {
        return reward instanceof PopulationReward<Y, ?> population ? together(population) : oneByOne(reward);
    }

    private static <Y> Gathering<Y> oneByOne(Reward<Y> reward) {
        var values = new ArrayList<double[]>();
        return new Gathering<>() {
            @Override
            int add(Y rows) {
                values.add(reward.score(rows));
                return values.get(values.size() - 1).length;
            }

            @Override
            WeightedReward.Scores scores() {
                return new WeightedReward.Scores(
                        values.stream()
                                .flatMapToDouble(java.util.Arrays::stream)
                                .toArray(),
                        Map.of());
            }
        };
    }

    private static <Y, S> Gathering<Y> together(PopulationReward<Y, S> reward) {
        List<S> seen = new ArrayList<>();
        return new Gathering<>() {
            @Override
            int add(Y rows) {
                var part = reward.look(rows);
                seen.addAll(part);
                return part.size();
            }

            @Override
            WeightedReward.Scores scores() {
                return reward.value(List.copyOf(seen));
            }
        };
    }
}
