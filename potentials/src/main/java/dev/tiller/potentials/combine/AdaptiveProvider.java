// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.Combinations;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code adaptive(of=hps, ess=0.5, lambda=3)}: the reward times a factor that is found at every scoring, so that weights
 * exp(lambda·factor·r) keep that share of the population effective, whatever the reward's spread (the effective sample
 * size as criterion: Del Moral, Doucet and Jasra 2012). Lambda is the run's.
 */
public final class AdaptiveProvider extends CombinationProvider {
    public AdaptiveProvider() {
        super(
                "adaptive",
                "a reward scaled so that it selects equally hard, whatever its spread",
                "the reward's unit times a factor that is shown",
                new Option("of", "a reward", "must be given"),
                new Option("ess", "share of the population that stays effective", "0.5"),
                new Option("lambda", "the run's --lambda", "3"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        double share = Several.number(request, "ess", 0.5, 0.01, 0.99);
        double lambda = Several.number(request, "lambda", 3, 1e-6, 1e6);
        var of = Several.list(request, info().name(), "of");
        return Several.of(info(), List.of(String.join(" + ", of)), request, values -> {
            double factor = Combinations.factor(values[0], lambda, share);
            var factors = new double[values[0].length];
            Arrays.fill(factors, factor);
            return new Scores(Arrays.stream(values[0]).map(r -> factor * r).toArray(), Map.of("factor", factors));
        });
    }
}
