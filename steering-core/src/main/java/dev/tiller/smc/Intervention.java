// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.Decision;
import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a decision makes of a population between two steps.
 *
 * @param rows new slot i is a copy of slot {@code rows[i]}
 * @param ledger of the new population
 * @param family as in {@link Snapshot}
 */
record Intervention(int[] rows, Ledger ledger, int family) {
    /** @throws TillerException if the decision cannot be carried out, saying why */
    static Intervention of(Decision decision, SmcRun<?> run) {
        if (!run.hasNext()) {
            throw new TillerException("The run has come to its end; branch from an earlier step instead.");
        }
        if (run.plan().reference2025()) {
            throw new TillerException("A run with the books of reference-2025 repeats published numbers and is not"
                    + " steered by hand.");
        }
        var state = run.snapshot();
        var change = change(decision, state.step(), state.ledger(), state.family(), run.plan());
        if (change.ledger().weights().allZero()) {
            throw new TillerException("That would leave no particle with a weight.");
        }
        boolean copies = Arrays.stream(change.rows()).distinct().count() < change.rows().length;
        if (copies && !run.stochastic()) {
            throw new TillerException(
                    "Copies need a sampler that adds noise, or they stay equal: use DDIM with eta > 0, or an ancestral"
                            + " or SDE sampler.");
        }
        return change;
    }

    private static Intervention change(Decision decision, int step, Ledger ledger, int family, SteeringPlan plan) {
        var all = IntStream.range(0, ledger.size()).toArray();
        if (decision instanceof Decision.Kill kill) {
            requireSlots(kill.slots(), ledger.size());
            requireSingle(family);
            var left = Arrays.stream(all).filter(i -> !kill.slots().contains(i)).toArray();
            if (left.length == 0) {
                throw new TillerException("That would leave no particle.");
            }
            return new Intervention(left, ledger.gather(left), family);
        } else if (decision instanceof Decision.Clone clone) {
            requireSlots(List.of(clone.slot()), ledger.size());
            requireSingle(family);
            var more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = clone.slot();
            return new Intervention(more, ledger.gather(more), family);
        } else if (decision instanceof Decision.Favour favour) {
            requireSlots(favour.slots(), ledger.size());
            if (!(favour.factor() > 0 && favour.factor() < Double.POSITIVE_INFINITY)) {
                throw new TillerException(
                        "A weight is multiplied by a number above 0, not by " + favour.factor() + ".");
            }
            var by = new double[all.length];
            favour.slots().forEach(slot -> by[slot] = Math.log(favour.factor()));
            return new Intervention(all, ledger.corrected(by, step), family);
        } else if (decision instanceof Decision.Branch branch) {
            return branched(branch, step, ledger, family, plan);
        }
        return new Intervention(all, ledger, family);
    }

    /** Copies of one particle weigh 1 each: what follows estimates E[exp(lambda r - spent) | that particle]. */
    private static Intervention branched(
            Decision.Branch branch, int step, Ledger ledger, int family, SteeringPlan plan) {
        var open = branch.anew() ? ledger.reopened(step) : ledger;
        if (branch.slot() < 0) {
            if (family != 1 && family != plan.children()) {
                throw new TillerException("At this step the particles are families of " + family
                        + " children; branch from one particle, or right after a judging.");
            }
            // As many as the families have members in all are the members, or there would be that many families.
            boolean members = ledger.size() == plan.population().first() * plan.children();
            return new Intervention(
                    IntStream.range(0, ledger.size()).toArray(), open, members ? plan.children() : family);
        }
        requireSlots(List.of(branch.slot()), ledger.size());
        var rows = new int[plan.population().first()];
        Arrays.fill(rows, branch.slot());
        var accounts = open.gather(rows).accounts();
        return new Intervention(rows, new Ledger(LogWeights.equal(rows.length, 0), accounts), 1);
    }

    private static void requireSingle(int family) {
        if (family != 1) {
            throw new TillerException("The particles are families of " + family
                    + " children just now, which compete; kill or clone right after a judging.");
        }
    }

    private static void requireSlots(List<Integer> slots, int size) {
        for (int slot : slots) {
            if (slot < 0 || slot >= size) {
                throw new TillerException("There is no particle " + (slot + 1) + "; there are " + size + ".");
            }
        }
    }
}
