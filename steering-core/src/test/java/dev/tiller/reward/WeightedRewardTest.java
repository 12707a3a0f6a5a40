// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.run.TillerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightedRewardTest extends RewardLaws<Numbers> {
    private static final RewardRequest REQUEST = new RewardRequest("a prompt", Path::of);

    private final RewardCatalogue<Numbers> catalogue = new RewardCatalogue<>(
            List.of(new NumberReward.Provider("times", "factor"), new NumberReward.Provider("square")));

    @Override
    protected Reward<Numbers> reward() {
        return create("0.5*square - 2*times(factor=3)");
    }

    @Override
    protected Numbers samples() {
        return new Numbers(1, 2, -4, 8);
    }

    @Test
    void theTotalIsTheWeightedSumAndThePartsAreKept() {
        try (var reward = create("0.5*square - 2*times(factor=3)")) {
            var scores = reward.scores(new Numbers(1, 2));
            assertArrayEquals(new double[] {0.5 - 6, 2 - 12}, scores.total());
            assertEquals(
                    List.of("square", "times(factor=3)"),
                    List.copyOf(scores.parts().keySet()));
            assertArrayEquals(new double[] {3, 6}, scores.parts().get("times(factor=3)"));
            assertEquals(4, reward.calls());
        }
    }

    @Test
    void partsAreWeighedAnew() {
        try (var reward = create("0.5*square - 2*times(factor=3)")) {
            reward.reweigh(Map.of("times(factor=3)", 1.0));
            assertArrayEquals(
                    new double[] {0.5 + 3, 2 + 6},
                    reward.scores(new Numbers(1, 2)).total());
            var e = assertThrows(TillerException.class, () -> reward.reweigh(Map.of("square", 3.0, "cube", 1.0)));
            assertTrue(e.getMessage().contains("no part 'cube'"), e.getMessage());
            assertArrayEquals(
                    new double[] {0.5 + 3}, reward.scores(new Numbers(1)).total());
        }
    }

    /** 0 times NaN is NaN: a part that is only looked at would take every particle's weight that it cannot value. */
    @Test
    void aPartThatDoesNotCountCannotSpoilTheTotal() {
        var unsure = new Slope(Double.NaN);
        try (var reward = new WeightedReward<Numbers>(List.of(
                new WeightedReward.Part<Numbers>("sure", 2, new Slope(1)),
                new WeightedReward.Part<Numbers>("unsure", 0, unsure)))) {
            var scores = reward.scores(new Numbers(3));
            assertArrayEquals(new double[] {6}, scores.total());
            assertArrayEquals(new double[] {Double.NaN}, scores.parts().get("unsure"));
            reward.reweigh(Map.of("unsure", 1.0));
            assertArrayEquals(
                    new double[] {Double.NaN}, reward.scores(new Numbers(3)).total());
        }
    }

    /** r(x) = slope·x */
    private record Slope(double slope) implements DifferentiableReward<Numbers> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("slope" + slope, "a linear function of a number", "none", true, false);
        }

        @Override
        public double[] score(Numbers y) {
            return Arrays.stream(y.rows()).map(x -> slope * x).toArray();
        }

        @Override
        public Graded<Numbers> grade(Numbers y) {
            return new Graded<>(
                    score(y),
                    new Numbers(Arrays.stream(y.rows()).map(x -> slope).toArray()));
        }
    }

    private static Numbers sum(List<Double> weights, List<Numbers> gradients) {
        var sum = new double[gradients.get(0).size()];
        for (int part = 0; part < weights.size(); part++) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += weights.get(part) * gradients.get(part).rows()[i];
            }
        }
        return new Numbers(sum);
    }

    @Test
    void gradientsAreWeightedAsTheValuesAre() {
        try (var reward = new WeightedReward<>(List.of(
                new WeightedReward.Part<Numbers>("a", 2, new Slope(3)),
                new WeightedReward.Part<Numbers>("b", -1, new Slope(5))))) {
            var graded = reward.grade(new Numbers(1, 2), WeightedRewardTest::sum);
            assertArrayEquals(new double[] {1, 2}, graded.scores().total());
            assertArrayEquals(new double[] {5, 10}, graded.scores().parts().get("b"));
            assertArrayEquals(new double[] {1, 1}, graded.gradient().rows());
            assertEquals(4, reward.calls());
            assertTrue(reward.info().differentiable());
        }
    }

    @Test
    void aPartWithoutAGradientIsNamed() {
        try (var reward = create("square")) {
            var e = assertThrows(TillerException.class, () -> reward.grade(new Numbers(1), WeightedRewardTest::sum));
            assertTrue(e.getMessage().contains("square"), e.getMessage());
        }
    }

    @Test
    void aRewardNamedTwiceIsMadeAndAskedOnce() {
        try (var reward = create("square + square - 0.5*square")) {
            assertArrayEquals(new double[] {1.5 * 9}, reward.score(new Numbers(3)));
            assertEquals(1, reward.calls());
        }
    }

    @Test
    void aRewardAloneKeepsItsName() {
        try (var reward = create("square")) {
            assertEquals("square", reward.info().name());
        }
    }

    @Test
    void whatWasMadeIsClosedWhenTheNextCannotBe() {
        var made = new ArrayList<NumberReward>();
        assertThrows(
                TillerException.class,
                () -> WeightedReward.<Numbers>of(RewardExpression.parse("a + b"), named -> {
                    if (named.equals(new Named("b"))) {
                        throw new TillerException("no b");
                    }
                    made.add(new NumberReward("a", x -> x));
                    return made.get(0);
                }));
        assertTrue(made.get(0).closed);
    }

    @Test
    void unknownNamesListTheKnownAndTheNearest() {
        assertMessage("sqare", "There is no reward 'sqare'. Did you mean square? Rewards: square, times.");
        assertMessage("entirely_other", "There is no reward 'entirely_other'. Rewards: square, times.");
        assertMessage(
                "times(facto=2)", "The reward times has no option 'facto'. Did you mean factor? Options: factor.");
        assertMessage("square(power=3)", "The reward square has no option 'power'. It has none.");
    }

    @Test
    void twoOfOneNameAreRefused() {
        var twice = List.of(new NumberReward.Provider("a"), new NumberReward.Provider("a"));
        assertThrows(TillerException.class, () -> new RewardCatalogue<>(twice));
    }

    private void assertMessage(String expression, String message) {
        assertEquals(
                message,
                assertThrows(TillerException.class, () -> create(expression)).getMessage());
    }

    private WeightedReward<Numbers> create(String expression) {
        return catalogue.create(RewardExpression.parse(expression), REQUEST);
    }
}
