// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.tensor.NoisyLatents;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The rewards of noised latents that plans of one prompt name, each built once. */
final class NoiseAware implements AutoCloseable {
    private final RewardRequest request;
    private final Map<RewardExpression, WeightedReward<NoisyLatents>> built = new LinkedHashMap<>();

    NoiseAware(RewardRequest request) {
        this.request = request;
    }

    /** What a plan names; empty where its method has none, or goes by the clean reward. */
    static Optional<RewardExpression> named(RunPlan plan) {
        return plan.method().options().contains(FlowNrg.NOISE_AWARE)
                ? plan.find(FlowNrg.NOISE_AWARE).filter(text -> !text.isEmpty()).map(RewardExpression::parse)
                : Optional.empty();
    }

    /** The reward that a plan names; owned by this. */
    Optional<WeightedReward<NoisyLatents>> of(RunPlan plan) {
        return named(plan)
                .map(expression -> built.computeIfAbsent(
                        expression,
                        e -> RewardCatalogue.load(NoisyLatents.class).create(e, request)));
    }

    @Override
    public void close() {
        built.values().forEach(WeightedReward::close);
    }
}
