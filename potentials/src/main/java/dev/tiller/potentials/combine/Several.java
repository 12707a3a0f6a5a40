// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Several rewards looked at together, over a whole population: one number of them for each row. */
final class Several implements PopulationReward<Images, double[]> {
    /** What is made of the rewards' values. */
    @FunctionalInterface
    interface Combination {
        /**
         * @param values of each reward for each row
         * @return the total, and parts to show beside the rewards' own values
         */
        Scores of(double[][] values);

        /** As {@link dev.tiller.reward.Reward#memory}. */
        default double[] memory() {
            return new double[0];
        }

        /**
         * As {@link dev.tiller.reward.Reward#remember}.
         *
         * @param memory of the length of what {@link #memory} gives
         */
        default void remember(double[] memory) {}
    }

    private final RewardInfo info;
    private final List<String> expressions;
    private final List<WeightedReward<Images>> rewards;
    private final Combination combination;

    private Several(
            RewardInfo info, List<String> expressions, List<WeightedReward<Images>> rewards, Combination combination) {
        this.info = info;
        this.expressions = List.copyOf(expressions);
        this.rewards = rewards;
        this.combination = combination;
    }

    /**
     * @param expressions at least one
     * @throws TillerException if one is no reward, or is itself one of a whole population
     */
    static Several of(RewardInfo info, List<String> expressions, RewardRequest request, Combination combination) {
        var catalogue = RewardCatalogue.load(Images.class);
        var rewards = new ArrayList<WeightedReward<Images>>();
        try {
            for (var expression : expressions) {
                var reward = catalogue.create(RewardExpression.parse(expression), request);
                rewards.add(reward);
                requireOneByOne(info, expression, reward);
            }
            return new Several(info, expressions, rewards, combination);
        } catch (RuntimeException | Error e) {
            rewards.forEach(WeightedReward::close);
            throw e;
        }
    }

    /** @throws TillerException if a reward values whole populations: it is shown them in parts */
    static void requireOneByOne(RewardInfo info, String expression, WeightedReward<Images> reward) {
        if (reward.parts().stream().anyMatch(p -> p.reward() instanceof PopulationReward)) {
            throw new TillerException("The reward " + info.name() + " cannot be made of " + expression
                    + ", which is itself a reward of a whole population.");
        }
    }

    /** An option that holds expressions with semicolons between them. */
    static List<String> list(RewardRequest request, String reward, String key) {
        var list = Arrays.stream(request.option(key, "").split(";", -1))
                .map(String::strip)
                .filter(e -> !e.isEmpty())
                .toList();
        if (list.isEmpty()) {
            throw new TillerException(
                    "The reward " + reward + " needs rewards: " + reward + "(" + key + "=\"clip; aesthetic\").");
        }
        return list;
    }

    static double number(RewardRequest request, String key, double otherwise, double least, double most) {
        var text = request.option(key, Double.toString(otherwise));
        try {
            double number = Double.parseDouble(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException(
                "The option " + key + " wants a number from " + least + " to " + most + ", not '" + text + "'.");
    }

    @Override
    public RewardInfo info() {
        return info;
    }

    @Override
    public List<double[]> look(Images part) {
        var rows = new double[part.size()][rewards.size()];
        for (int k = 0; k < rewards.size(); k++) {
            var values = rewards.get(k).score(part);
            for (int i = 0; i < rows.length; i++) {
                rows[i][k] = values[i];
            }
        }
        return List.of(rows);
    }

    @Override
    public Scores value(List<double[]> seen) {
        var values = new double[rewards.size()][seen.size()];
        for (int i = 0; i < seen.size(); i++) {
            for (int k = 0; k < values.length; k++) {
                values[k][i] = seen.get(i)[k];
            }
        }
        var scores = combination.of(values);
        Map<String, double[]> parts = new LinkedHashMap<>();
        var names = rewards.stream().map(reward -> reward.info().name()).toList();
        boolean different = names.stream().distinct().count() == names.size();
        for (int k = 0; k < values.length; k++) {
            parts.put(different ? names.get(k) : expressions.get(k), values[k]);
        }
        parts.putAll(scores.parts());
        return new Scores(scores.total(), parts);
    }

    @Override
    public double[] memory() {
        return combination.memory();
    }

    @Override
    public void remember(double[] memory) {
        if (memory.length != combination.memory().length) {
            throw new TillerException("The reward " + info.name() + " is not the one that the run was saved with.");
        }
        combination.remember(memory);
    }

    @Override
    public Cost cost() {
        return rewards.stream().map(WeightedReward::cost).reduce(Cost.NONE, Cost::plus);
    }

    @Override
    public boolean shares() {
        return rewards.stream().anyMatch(WeightedReward::shares);
    }

    @Override
    public void close() {
        rewards.forEach(WeightedReward::close);
    }
}
