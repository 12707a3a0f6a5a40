// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What is known of each particle of a population beside the particle itself; immutable.
 *
 * @param weights log weights
 * @param accounts one for each particle
 */
public record Ledger(LogWeights weights, List<Account> accounts) {
    /** @throws IllegalArgumentException if the two differ in size */
    public Ledger {
        accounts = List.copyOf(accounts);
        if (accounts.size() != weights.size()) {
            throw new IllegalArgumentException(weights.size() + " weights, " + accounts.size() + " accounts");
        }
    }

    /** n particles of weight 1 that have spent nothing. */
    static Ledger open(int n) {
        return new Ledger(LogWeights.equal(n, 0), Collections.nCopies(n, Account.OPEN));
    }

    /** The number of particles. */
    public int size() {
        return accounts.size();
    }

    /** The last scored reward of each particle, in its own unit; NaN before any, no finite number where it failed. */
    public double[] rewards() {
        return accounts.stream().mapToDouble(Account::reward).toArray();
    }

    /** Copies of these rows, each with the weight of its original, so that the mean weight is kept on average. */
    Ledger gather(int[] rows) {
        return descend(new Ancestry(rows, weights.gather(rows)));
    }

    Ledger descend(Ancestry ancestry) {
        return new Ledger(
                ancestry.weights(),
                Arrays.stream(ancestry.ancestors()).mapToObj(accounts::get).toList());
    }

    Ledger corrected(double[] logCorrection, int step) {
        return new Ledger(weights.plus(logCorrection, step), accounts);
    }

    /** Where a move has no weight at all its particle is given up; the corrections of the others are left for later. */
    Ledger givenUp(double[] logCorrection, int step) {
        var lost = Arrays.stream(logCorrection)
                .map(c -> c == Double.NEGATIVE_INFINITY ? c : 0)
                .toArray();
        return corrected(lost, step);
    }

    /** The same particles with nothing spent: what was paid in is taken back out of their weights. */
    Ledger reopened(int step) {
        var back = accounts.stream().mapToDouble(account -> -account.spent()).toArray();
        var open = accounts.stream()
                .map(account -> new Account(0, RewardPath.START, account.reward()))
                .toList();
        return new Ledger(weights.plus(back, step), open);
    }

    /**
     * Pays a scoring into accounts and weights. A reward that is not finite gives its particle up.
     *
     * @param rewards as scored
     * @param lambda of this step
     * @param last whether all that is not spent is due
     */
    Ledger paid(int step, double[] rewards, double lambda, Potential potential, boolean last) {
        var paid = new double[rewards.length];
        var after = new ArrayList<Account>(rewards.length);
        for (int i = 0; i < rewards.length; i++) {
            var account = accounts.get(i);
            double nats = lambda * rewards[i];
            boolean lost = weights.get(i) == Double.NEGATIVE_INFINITY;
            var next = lost || !Double.isFinite(nats)
                    ? account.failed(rewards[i])
                    : last ? account.settled(step, nats, rewards[i]) : account.early(step, nats, rewards[i], potential);
            after.add(next);
            paid[i] = lost || !Double.isFinite(nats) ? Double.NEGATIVE_INFINITY : next.spent() - account.spent();
        }
        return new Ledger(weights.plus(paid, step), after);
    }
}
