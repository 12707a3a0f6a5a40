// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.tensor.Images;
import org.jspecify.annotations.Nullable;

/**
 * What an expression names, for one prompt after another. Of a prompt nothing is kept but what rewards share: that is theirs
 * for as long as one of them is open, so the next is made before the last is closed.
 */
final class RewardsByPrompt implements AutoCloseable {
    private final RewardCatalogue<Images> catalogue;
    private final RewardExpression expression;
    private final RewardRequest request;
    private @Nullable Last last;
    private Cost closed = Cost.NONE;

    private record Last(String prompt, WeightedReward<Images> reward) {}

    /**
     * @param request for any prompt
     * @throws dev.tiller.run.TillerException if a reward or an option does not exist
     */
    RewardsByPrompt(RewardCatalogue<Images> catalogue, RewardExpression expression, RewardRequest request) {
        catalogue.check(expression);
        this.catalogue = catalogue;
        this.expression = expression;
        this.request = request;
    }

    /** The reward for a prompt; closed when another prompt's is asked for. */
    WeightedReward<Images> of(String prompt) {
        var before = last;
        if (before != null && before.prompt().equals(prompt)) {
            return before.reward();
        }
        if (before != null && !before.reward().shares()) {
            close();
        }
        var reward = catalogue.create(expression, request.of(prompt));
        close();
        last = new Last(prompt, reward);
        return reward;
    }

    /** What all have used. */
    Cost cost() {
        return last == null ? closed : closed.plus(last.reward().cost());
    }

    @Override
    public void close() {
        if (last != null) {
            closed = cost();
            last.reward().close();
            last = null;
        }
    }
}
