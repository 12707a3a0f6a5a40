// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/**
 * What a particle has spent of its reward, and on what grounds.
 *
 * @param spent what its potentials have paid in so far, in nats
 * @param path the rewards that they saw
 * @param reward the last scored reward, in the reward's own unit; NaN before the first scoring, no finite number where it
 *     failed
 */
public record Account(double spent, RewardPath path, double reward) {
    /** Nothing spent, nothing scored. */
    public static final Account OPEN = new Account(0, RewardPath.START, Double.NaN);

    /** Spends what the potential says. */
    Account early(int step, double nats, double newReward, Potential potential) {
        var longer = path.then(step, nats);
        return new Account(spent + potential.early(longer), longer, newReward);
    }

    /** Spends the rest: the account is then settled at {@code nats}, whatever was spent before. */
    Account settled(int step, double nats, double newReward) {
        return new Account(nats, path.then(step, nats), newReward);
    }

    /** A reward that cannot be used; the rest stands. */
    Account failed(double newReward) {
        return new Account(spent, path, newReward);
    }
}
