// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.Combinations;
import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code cautious(of=clip, views=4)}: a reward is asked about several views of a picture (mirrored, shifted by a pixel or
 * two, darker, lighter), and counts the less the more they differ: mean + w·(r − mean) with w = σ²/(σ² + s²), σ the
 * population's deviation and s the views'. What the reward is unsure of it should not decide (after Ctrl-U, Zhang et al.
 * 2024, arXiv:2410.11236; w is the best linear estimate where views differ by noise alone).
 */
public final class CautiousProvider extends CombinationProvider {
    private static final int MOST = 6;

    public CautiousProvider() {
        super(
                "cautious",
                "a reward that counts less where it changes with views of the same picture",
                "the reward's unit",
                new Option("of", "a reward", "must be given"),
                new Option("views", "how many, 2 to " + MOST, "4"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        int views = (int) Several.number(request, "views", 4, 2, MOST);
        var of = String.join(" + ", Several.list(request, info().name(), "of"));
        var reward = RewardCatalogue.load(Images.class).create(RewardExpression.parse(of), request);
        try {
            Several.requireOneByOne(info(), of, reward);
        } catch (TillerException e) {
            reward.close();
            throw e;
        }
        return new Cautious(info(), reward, views);
    }

    private record Cautious(RewardInfo info, WeightedReward<Images> reward, int views)
            implements PopulationReward<Images, double[]> {
        @Override
        public List<double[]> look(Images part) {
            var rows = new double[part.size()][views];
            for (int v = 0; v < views; v++) {
                try (var scope = Scope.open()) {
                    var values = reward.score(new Images(view(part.tensor(), v)));
                    for (int i = 0; i < rows.length; i++) {
                        rows[i][v] = values[i];
                    }
                }
            }
            return List.of(rows);
        }

        /** The picture itself first. */
        private static Tensor view(Tensor x, int v) {
            int w = x.dim(3);
            return switch (v) {
                case 0 -> x.copy();
                case 1 -> mirrored(x, w);
                case 2 -> Tensor.concat(3, x.slice(3, 1, w), x.slice(3, w - 1, w));
                case 3 -> x.times(0.95);
                case 4 -> x.times(0.95).plus(0.05);
                default -> Tensor.concat(3, x.slice(3, 0, 1), x.slice(3, 0, 1), x.slice(3, 0, w - 2));
            };
        }

        private static Tensor mirrored(Tensor x, int w) {
            var columns = new ArrayList<Tensor>();
            for (int i = w - 1; i >= 0; i--) {
                columns.add(x.slice(3, i, i + 1));
            }
            return Tensor.concat(3, columns.toArray(Tensor[]::new));
        }

        @Override
        public Scores value(List<double[]> seen) {
            var means = seen.stream().mapToDouble(Combinations::mean).toArray();
            var doubts = seen.stream().mapToDouble(Combinations::deviation).toArray();
            double mean = Combinations.mean(means);
            double spread = Combinations.deviation(means);
            var total = new double[means.length];
            Arrays.setAll(total, i -> {
                double square = spread * spread + doubts[i] * doubts[i];
                return square == 0 ? means[i] : mean + spread * spread / square * (means[i] - mean);
            });
            return new Scores(total, Map.of(reward.info().name(), means, "doubt", doubts));
        }

        @Override
        public Cost cost() {
            return reward.cost();
        }

        @Override
        public boolean shares() {
            return reward.shares();
        }

        @Override
        public void close() {
            reward.close();
        }
    }
}
