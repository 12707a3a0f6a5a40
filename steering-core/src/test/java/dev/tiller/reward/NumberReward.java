// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** A function of a number, as a provider and a reward. Remembers whether it was closed. */
final class NumberReward implements Reward<Numbers> {
    private final String name;
    private final DoubleUnaryOperator value;
    boolean closed;

    NumberReward(String name, DoubleUnaryOperator value) {
        this.name = name;
        this.value = value;
    }

    @Override
    public RewardInfo info() {
        return NumberReward.info(name);
    }

    @Override
    public double[] score(Numbers y) {
        return Arrays.stream(y.rows()).map(value).toArray();
    }

    @Override
    public void close() {
        closed = true;
    }

    static RewardInfo info(String name) {
        return new RewardInfo(name, "a function of a number", "none", false, false);
    }

    /** {@code times(factor=…)}, {@code square}: the reward of a name, with the options it knows. */
    record Provider(String name, List<Option> options) implements RewardProvider<Numbers> {
        Provider(String name, String... keys) {
            this(
                    name,
                    Arrays.stream(keys).map(k -> new Option(k, "a number", "1")).toList());
        }

        @Override
        public RewardInfo info() {
            return NumberReward.info(name);
        }

        @Override
        public Class<Numbers> looksAt() {
            return Numbers.class;
        }

        @Override
        public Reward<Numbers> create(RewardRequest request) {
            double factor = Double.parseDouble(request.option("factor", "1"));
            return new NumberReward(name, name.equals("square") ? x -> x * x : x -> factor * x);
        }
    }
}
