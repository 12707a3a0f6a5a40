// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.number;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run, for someone who has never heard of particles.
 *
 * @param unsteered what the plain model made of the same seed, if it was asked
 * @param bestOfN the best of as many pictures as cost as much, if it was asked
 */
record RunSummary(
        RunHistory history,
        Lineage lineage,
        @Nullable RunHistory unsteered,
        @Nullable RunHistory bestOfN) {
    /** The method in words. */
    static String methodName(RunHistory history) {
        return switch (String.valueOf(history.manifest().plan().get("method"))) {
            case "fk" -> "Feynman-Kac steering";
            case "svdd" -> "Value-based selection (SVDD)";
            case "bon" -> "Best of n";
            case "reno" -> "Noise optimisation (ReNO)";
            case "dno" -> "Direct noise optimisation (DNO)";
            case "search" -> "Noise search";
            case "dps" -> "Diffusion posterior sampling (DPS)";
            case "freedom" -> "FreeDoM";
            case "universal" -> "Universal guidance";
            case "tfg" -> "Training-free guidance (TFG)";
            case "tds" -> "Twisted particles (TDS)";
            case "das" -> "Diffusion alignment as sampling (DAS)";
            case "flow-nrg" -> "Reward-guided flow (Flow-NRG)";
            case "base" -> "The plain model";
            default -> String.valueOf(history.manifest().plan().getOrDefault("method", "Run"));
        };
    }

    /** Some sentences. */
    String text() {
        var sentences = new ArrayList<String>();
        int n = history.particles();
        var candidates = n == 1 ? "One candidate" : n + " candidates";
        sentences.add(
                history.isAscent()
                        ? candidates
                                + " climbed the gradient of the reward by changing the noise that the picture starts"
                                + " from, for up to " + history.steps() + " iterations; the best of each is kept."
                        : candidates + (n == 1 ? " was" : " were") + " denoised in " + history.steps() + " steps"
                                + (n == 1 ? "." : " side by side."));
        long resamplings =
                history.ess().stream().filter(RunHistory.Ess::resampled).count();
        var rewards = rewardNames(history);
        if (!rewards.isEmpty()) {
            int looks = history.columns().size();
            sentences.add("The reward " + rewards + " looked at "
                    + (looks == 1
                            ? "the finished pictures"
                            : (history.isAscent() ? "their pictures " : "their predicted pictures ") + looks + " times")
                    + (resamplings == 0
                            ? "."
                            : "; " + (resamplings == 1 ? "once" : resamplings == 2 ? "twice" : resamplings + " times")
                                    + " weak candidates gave way to copies of strong ones."));
        }
        if (resamplings > 0 && !history.order().isEmpty()) {
            sentences.add("What you see descends from " + lineage.survivingOrigins() + " of the " + n + ".");
        }
        double best = history.bestReward();
        if (Double.isFinite(best)) {
            sentences.add("The best reached a reward of " + number(best) + comparison() + ".");
        }
        return String.join(" ", sentences);
    }

    private String comparison() {
        var parts = new ArrayList<String>();
        if (unsteered != null && Double.isFinite(unsteered.bestReward())) {
            parts.add(number(unsteered.bestReward()) + " for the best unsteered picture of the same seed");
        }
        if (bestOfN != null && Double.isFinite(bestOfN.bestReward())) {
            parts.add(number(bestOfN.bestReward()) + " for the best of " + bestOfN.particles()
                    + " at the same number of network evaluations");
        }
        return parts.isEmpty() ? "" : ", against " + String.join(" and ", parts);
    }

    /** The expression of the reward; empty where nothing was scored. */
    static String rewardNames(RunHistory history) {
        var expression = String.valueOf(history.manifest().plan().getOrDefault("reward", ""));
        return history.columns().isEmpty() ? "" : expression;
    }
}
