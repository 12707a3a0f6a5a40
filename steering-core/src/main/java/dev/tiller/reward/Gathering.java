// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.reward.Reward.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** What one reward has seen of a population: values where it looks at rows one by one, memories where at all together. */
abstract class Gathering<Y> {
    /** Shows it rows; returns how many. */
    abstract int add(Y rows);

    abstract Scores scores();

    static <Y> Gathering<Y> of(Reward<Y> reward) {
        return reward instanceof PopulationReward<Y, ?> population ? together(population) : oneByOne(reward);
    }

    private static <Y> Gathering<Y> oneByOne(Reward<Y> reward) {
        var shown = new ArrayList<Scores>();
        return new Gathering<>() {
            @Override
            int add(Y rows) {
                var scores = reward.scores(rows);
                shown.add(scores);
                return scores.total().length;
            }

            @Override
            Scores scores() {
                var parts = new LinkedHashMap<String, double[]>();
                for (var name : shown.isEmpty()
                        ? Set.<String>of()
                        : shown.get(0).parts().keySet()) {
                    parts.put(
                            name,
                            joined(shown.stream()
                                    .map(s -> Objects.requireNonNull(s.parts().get(name)))));
                }
                return new Scores(joined(shown.stream().map(Scores::total)), parts);
            }
        };
    }

    private static double[] joined(Stream<double[]> parts) {
        return parts.flatMapToDouble(Arrays::stream).toArray();
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
            Scores scores() {
                return reward.value(List.copyOf(seen));
            }
        };
    }
}
