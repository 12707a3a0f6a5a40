// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.Combinations;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.util.Arrays;
import java.util.Map;

/**
 * {@code harmonic(of="similarity(image=dog.png); clip", lambda=0.3)}: the λ-harmonic mean of a reference-image reward and
 * a text reward (RPO, Miao et al. 2024, arXiv:2407.12164): large only if both are. λ is the first one's share.
 */
public final class HarmonicProvider extends CombinationProvider {
    public HarmonicProvider() {
        super(
                "harmonic",
                "harmonic blend of two positive rewards: large only if both are",
                "between the two; 0 where one is not positive",
                new Option("of", "two rewards with ; between them", "must be given"),
                new Option("lambda", "share of the first, 0 to 1", "0.5"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        double lambda = Several.number(request, "lambda", 0.5, 0, 1);
        var of = Several.list(request, info().name(), "of");
        if (of.size() != 2) {
            throw new TillerException("The reward harmonic blends two rewards, not " + of.size() + ".");
        }
        return Several.of(info(), of, request, values -> {
            var total = new double[values[0].length];
            Arrays.setAll(total, i -> Combinations.harmonic(values[0][i], values[1][i], lambda));
            return new Scores(total, Map.of());
        });
    }
}
