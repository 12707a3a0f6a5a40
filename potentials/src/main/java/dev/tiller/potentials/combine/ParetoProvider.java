// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.Combinations;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import java.util.Arrays;
import java.util.Map;

/**
 * {@code pareto(of="clip; aesthetic")}: 0 for pictures that no other of the population beats in all rewards, −1 for those
 * that only these beat, and so on: with a large lambda, resampling keeps the front (Parrot, Lee et al. 2024,
 * arXiv:2401.05675, §3.2). The rewards themselves are shown beside it.
 */
public final class ParetoProvider extends CombinationProvider {
    public ParetoProvider() {
        super(
                "pareto",
                "how many fronts of better pictures lie before the picture, over several rewards",
                "0 on the Pareto front, -1 behind it, and so on",
                new Option("of", "rewards with ; between them", "must be given"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        return Several.of(
                info(),
                Several.list(request, info().name(), "of"),
                request,
                values -> new Scores(
                        Arrays.stream(Combinations.fronts(values))
                                .mapToDouble(f -> -f)
                                .toArray(),
                        Map.of()));
    }
}
