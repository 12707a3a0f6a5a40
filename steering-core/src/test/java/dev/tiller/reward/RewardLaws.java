// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.smc.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every reward must obey. To enrol one, extend this and say how to make it and what to show it.
 *
 * @param <Y> a batch of what it looks at
 */
public abstract class RewardLaws<Y extends Batch<Y>> {
    /** The reward, new; the law closes it. */
    protected abstract Reward<Y> reward();

    /** At least three rows that it does not all value the same; the law closes them. */
    protected abstract Y samples();

    /** How far the value of a row may depend on the rows beside it, relative to the largest value. */
    protected double tolerance() {
        return 0;
    }

    @Test
    void oneFiniteValueForEachRow() {
        try (var reward = reward();
                var samples = samples()) {
            var values = reward.score(samples);
            assertEquals(samples.size(), values.length);
            assertTrue(Arrays.stream(values).allMatch(Double::isFinite), () -> Arrays.toString(values));
            assertTrue(Arrays.stream(values).distinct().count() > 1, "all samples are valued the same");
        }
    }

    @Test
    void scoringAgainGivesTheSame() {
        try (var reward = reward();
                var again = reward();
                var samples = samples()) {
            var values = reward.score(samples);
            assertArrayEquals(values, reward.score(samples), 0);
            assertArrayEquals(values, again.score(samples), 0);
        }
    }

    @Test
    void aRowsValueDoesNotDependOnTheRowsBesideIt() {
        try (var reward = reward();
                var samples = samples()) {
            var values = reward.score(samples);
            for (int i = 0; i < samples.size(); i++) {
                try (var alone = samples.gather(new int[] {i})) {
                    assertArrayEquals(new double[] {values[i]}, reward.score(alone), allowed(values));
                }
            }
        }
    }

    @Test
    void permutedRowsHavePermutedValues() {
        try (var reward = reward();
                var samples = samples()) {
            int n = samples.size();
            var values = reward.score(samples);
            var reversed = IntStream.range(0, n).map(i -> n - 1 - i).toArray();
            try (var permuted = samples.gather(reversed)) {
                assertArrayEquals(
                        IntStream.of(reversed).mapToDouble(i -> values[i]).toArray(),
                        reward.score(permuted),
                        allowed(values));
            }
        }
    }

    @Test
    void saysWhatItIs() {
        try (var reward = reward()) {
            var info = reward.info();
            assertFalse(info.name().isBlank()
                    || info.description().isBlank()
                    || info.unit().isBlank());
            var parts = reward instanceof WeightedReward<Y> sum
                    ? sum.parts().stream().map(WeightedReward.Part::reward).toList()
                    : List.of(reward);
            assertEquals(parts.stream().allMatch(p -> p instanceof DifferentiableReward), info.differentiable());
        }
    }

    @Test
    void gradedRowsAreWorthWhatTheyAreWorthScored() {
        try (var reward = reward();
                var samples = samples()) {
            if (reward instanceof DifferentiableReward<Y> differentiable) {
                var values = reward.score(samples);
                var graded = differentiable.grade(samples);
                try (var gradient = graded.gradient()) {
                    assertEquals(samples.size(), gradient.size());
                    assertArrayEquals(values, graded.values(), allowed(values) + rounding(values));
                }
            }
        }
    }

    /** A gradient is recorded, and so its value may come by another way. */
    private static double rounding(double[] values) {
        return 1e-4 * (1 + Arrays.stream(values).map(Math::abs).max().orElse(0));
    }

    private double allowed(double[] values) {
        return tolerance() * Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
