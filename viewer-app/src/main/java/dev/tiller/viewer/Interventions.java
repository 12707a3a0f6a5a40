// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.run.Decision;
import dev.tiller.run.Decision.Branch;
import dev.tiller.run.Decision.Reweigh;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What people decided in a run and in those that it branched from.
 *
 * @param all in order
 */
public record Interventions(List<Decision.At> all) {
    public Interventions {
        all = List.copyOf(all);
    }

    private int begin() {
        for (int i = all.size(); i > 0; i--) {
            if (all.get(i - 1).decision() instanceof Branch) {
                return i;
            }
        }
        return 0;
    }

    /** The decisions of this run, without those of its parents. */
    public List<Decision.At> own() {
        return all.subList(begin(), all.size());
    }

    /** What is left of a script: its decisions are made in order, others perhaps between them. */
    public List<Decision.At> pending(List<Decision.At> script) {
        int made = 0;
        for (var at : own()) {
            if (made < script.size()
                    && script.get(made).decision().equals(at.decision())
                    && script.get(made).step() <= at.step()) {
                made++;
            }
        }
        return script.subList(made, script.size());
    }

    /** Whether the run, or one that it goes on from, was steered by hand. */
    public boolean byHand() {
        return all.stream().anyMatch(at -> at.decision().byHand());
    }

    /** Whether the run began in the middle of another. */
    public boolean isBranch() {
        return begin() > 0;
    }

    /** The weights of parts of the reward that were changed, as they are before the move of a step. */
    public Map<String, Double> reweighed(int step) {
        var weights = new LinkedHashMap<String, Double>();
        for (var at : all) {
            if (at.step() > step) {
                break;
            }
            if (at.decision() instanceof Branch branch && branch.anew()) {
                weights.clear();
            } else if (at.decision() instanceof Reweigh reweigh) {
                weights.putAll(reweigh.weights());
            }
        }
        return weights;
    }

    /** Why the estimate of log Z is not an unbiased estimate of the model's; empty where it is. */
    public Optional<String> caveat() {
        return byHand()
                ? Optional.of("steered by hand, no unbiased estimate")
                : isBranch() ? Optional.of("of a branch, given where it began") : Optional.empty();
    }
}
