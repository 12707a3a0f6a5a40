// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * r = sum_i w_i r_i, with its parts kept apart so that they can be shown. Counts the samples it has looked at.
 *
 * @param <Y> a batch of what it looks at
 */
public final class WeightedReward<Y> implements Reward<Y> {
    /** @param reward owned by the sum */
    public record Part<Y>(String name, double weight, Reward<Y> reward) {}

    /**
     * @param scores as {@link #scores} gives them
     * @param gradient d total[i] / d y[i], of y's shape, owned by the receiver
     */
    public record Graded<Y>(Scores scores, Y gradient) {}

    /** How gradients are added up. */
    @FunctionalInterface
    public interface Sum<Y> {
        /** sum_i weights[i] gradients[i], a new batch; the gradients are closed. */
        Y of(List<Double> weights, List<Y> gradients);
    }

    private final List<Part<Y>> parts;
    private final RewardInfo info;
    private final double[] weights;
    private long calls;

    /** @param parts at least one, with different names */
    public WeightedReward(List<Part<Y>> parts) {
        this.parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.stream().map(Part::name).distinct().count() < parts.size()) {
            throw new IllegalArgumentException("a weighted reward needs parts of different names, not "
                    + parts.stream().map(Part::name).toList());
        }
        this.weights = parts.stream().mapToDouble(Part::weight).toArray();
        this.info = parts.size() == 1 && parts.get(0).weight() == 1
                ? parts.get(0).reward().info()
                : sum(this.parts);
    }

    /** One reward alone, under its own name. */
    public static <Y> WeightedReward<Y> of(Reward<Y> reward) {
        return new WeightedReward<>(List.of(new Part<>(reward.info().name(), 1, reward)));
    }

    /** What an expression says; each reward is created once, and the weights of equal ones are added. */
    public static <Y> WeightedReward<Y> of(RewardExpression expression, Function<Named, Reward<Y>> create) {
        var weights = new LinkedHashMap<Named, Double>();
        expression.summands().forEach(t -> weights.merge(t.reward(), t.weight(), Double::sum));
        var parts = new ArrayList<Part<Y>>();
        try {
            weights.forEach((named, weight) -> parts.add(new Part<>(named.toString(), weight, create.apply(named))));
            return new WeightedReward<>(parts);
        } catch (RuntimeException | Error e) {
            parts.forEach(p -> p.reward().close());
            throw e;
        }
    }

    private static <Y> RewardInfo sum(List<Part<Y>> parts) {
        var text = parts.stream().map(p -> p.weight() + "*" + p.name()).collect(Collectors.joining(" + "));
        return new RewardInfo(
                text,
                "weighted sum of rewards",
                "sum of the parts' units",
                parts.stream().allMatch(p -> p.reward().info().differentiable()),
                parts.stream().anyMatch(p -> p.reward().info().judgeOnly()));
    }

    /** Where a part does. */
    @Override
    public boolean shares() {
        return parts.stream().anyMatch(part -> part.reward().shares());
    }

    /** The summands, with the weights that they began with. */
    public List<Part<Y>> parts() {
        return parts;
    }

    /**
     * Weighs parts anew, from the next scoring on; the others stay as they are.
     *
     * @param newWeights by the names of parts
     * @throws TillerException if there is no such part, or a weight is no finite number
     */
    public void reweigh(Map<String, Double> newWeights) {
        var names = parts.stream().map(Part::name).toList();
        newWeights.forEach((name, weight) -> {
            if (!names.contains(name)) {
                throw new TillerException(
                        "The reward has no part '" + name + "'; its parts: " + String.join(", ", names) + ".");
            }
            if (!Double.isFinite(weight)) {
                throw new TillerException("The weight of " + name + " must be a finite number, not " + weight + ".");
            }
        });
        newWeights.forEach((name, weight) -> weights[names.indexOf(name)] = weight);
    }

    @Override
    public RewardInfo info() {
        return info;
    }

    /** The total and every part of it; y is the whole population. */
    @Override
    public Scores scores(Y y) {
        var scoring = scoring();
        scoring.add(y);
        return scoring.scores();
    }

    /** The scoring of a population that is shown in parts. */
    public Scoring scoring() {
        return new Scoring();
    }

    /** One population being scored. */
    public final class Scoring {
        private final List<Gathering<Y>> gatherings =
                parts.stream().map(part -> Gathering.of(part.reward())).toList();

        /** Shows the next rows, which need not live longer than the call. */
        public void add(Y rows) {
            for (var gathering : gatherings) {
                calls += gathering.add(rows);
            }
        }

        /** What all rows are worth. */
        public Scores scores() {
            var values = new LinkedHashMap<String, double[]>();
            var inner = new LinkedHashMap<String, double[]>();
            for (int p = 0; p < parts.size(); p++) {
                var name = parts.get(p).name();
                var scored = gatherings.get(p).scores();
                put(name, scored, values, inner);
            }
            var total = total(values);
            values.putAll(inner);
            return new Scores(total, values);
        }
    }

    /** Values of a part, and those of its own parts. */
    private static void put(String name, Scores scored, Map<String, double[]> values, Map<String, double[]> inner) {
        values.put(name, scored.total());
        scored.parts().forEach((part, of) -> inner.put(name + ": " + part, of));
    }

    private double[] total(Map<String, double[]> values) {
        double[] total = {};
        for (int p = 0; p < weights.length; p++) {
            var part = parts.get(p);
            var scored = Objects.requireNonNull(values.get(part.name()));
            total = total.length == 0 ? new double[scored.length] : total;
            if (scored.length != total.length) {
                throw new IllegalStateException("the reward " + part.name() + " gave " + scored.length
                        + " values where another gave " + total.length);
            }
            // What does not count cannot spoil the total either, as 0 times NaN would.
            for (int i = 0; i < total.length && weights[p] != 0; i++) {
                total[i] += weights[p] * scored[i];
            }
        }
        return total;
    }

    /**
     * The total, every part of it, and the total's gradient.
     *
     * @throws TillerException if a part has no gradient
     */
    public Graded<Y> grade(Y y, Sum<Y> sum) {
        var groups = new LinkedHashMap<Object, List<Part<Y>>>();
        for (int p = 0; p < weights.length; p++) {
            var part = new Part<>(parts.get(p).name(), weights[p], parts.get(p).reward());
            if (!(part.reward() instanceof DifferentiableReward<Y> reward)) {
                throw new TillerException("The reward " + part.name() + " has no gradient, which this method needs;"
                        + " take a reward that has, or a method that only compares (fk, search).");
            }
            var key = reward instanceof JointReward<Y> joint ? joint.shared() : part;
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(part);
        }
        var values = new LinkedHashMap<String, double[]>();
        var inner = new LinkedHashMap<String, double[]>();
        parts.forEach(part -> values.put(part.name(), new double[0]));
        var factors = new ArrayList<Double>();
        var gradients = new ArrayList<Y>();
        for (var group : groups.values()) {
            factors.add(
                    group.get(0).reward() instanceof JointReward<Y>
                            ? 1.0
                            : group.get(0).weight());
            gradients.add(grade(y, group, values, inner));
        }
        values.values().forEach(of -> calls += of.length);
        var total = total(values);
        values.putAll(inner);
        return new Graded<>(new Scores(total, values), sum.of(factors, gradients));
    }

    /** Of one reward, or, weighted, of all that share their work. */
    private static <Y> Y grade(Y y, List<Part<Y>> group, Map<String, double[]> values, Map<String, double[]> inner) {
        if (group.get(0).reward() instanceof JointReward<Y> first) {
            var rewards = group.stream().map(p -> (JointReward<Y>) p.reward()).toList();
            var joint = first.grade(y, rewards, group.stream().map(Part::weight).toList());
            for (int k = 0; k < group.size(); k++) {
                put(group.get(k).name(), joint.scores().get(k), values, inner);
            }
            return joint.gradient();
        }
        var graded = ((DifferentiableReward<Y>) group.get(0).reward()).grade(y);
        values.put(group.get(0).name(), graded.values());
        return graded.gradient();
    }

    @Override
    public double[] score(Y y) {
        return scores(y).total();
    }

    /** Samples looked at so far, summed over the parts: the count of {@link dev.tiller.run.Cost#rewardCalls}. */
    public long calls() {
        return calls;
    }

    @Override
    public Cost cost() {
        return parts.stream().map(p -> p.reward().cost()).reduce(new Cost(0, 0, calls, 0), Cost::plus);
    }

    @Override
    public void close() {
        parts.forEach(p -> p.reward().close());
    }
}
