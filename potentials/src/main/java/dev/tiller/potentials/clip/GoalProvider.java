// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;

/**
 * {@code goal(baseline="a photo")}: nearness to the prompt along the line from a baseline text to it (VLM-RM, Rocamonde
 * et al. 2023, arXiv:2310.12921, definition 1).
 */
public final class GoalProvider extends TowerRewardProvider {
    private static final String BASELINE = "a photo";
    private static final double ALPHA = 0.5;

    public GoalProvider() {
        super(
                EMBEDDED,
                new Option("baseline", "what the prompt is to be told apart from", BASELINE),
                new Option("alpha", "how much only the line counts, 0 to 1", Double.toString(ALPHA)));
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "goal", "nearness to the prompt, away from a baseline text", "at most 1, mostly 0 to 1", true, false);
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        double alpha = number(request, "alpha", ALPHA);
        if (alpha < 0 || alpha > 1) {
            throw new TillerException("The option alpha lies between 0 and 1, not at " + alpha + ".");
        }
        return Head.goal(
                tower.text(request.prompt(), request.warnings()),
                tower.text(request.option("baseline", BASELINE), request.warnings()),
                alpha);
    }
}
