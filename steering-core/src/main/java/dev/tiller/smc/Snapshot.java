// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.Cost;

/**
 * A run between two steps, complete: from it and the run's kernel, objective, plan and key the rest of the run follows,
 * to the bit. Whoever holds a snapshot that is theirs closes it.
 *
 * @param step the next step to make; all are made where it is the kernel's number of steps
 * @param population the particles
 * @param ledger their weights and accounts
 * @param family how many neighbouring particles compete as children of one
 * @param cost of the run so far
 */
public record Snapshot<X extends Batch<X>>(int step, X population, Ledger ledger, int family, Cost cost)
        implements AutoCloseable {
    /** @throws IllegalArgumentException if there is not one account for each particle */
    public Snapshot {
        if (population.size() != ledger.size()) {
            throw new IllegalArgumentException(population.size() + " particles and " + ledger.size() + " accounts");
        }
    }

    /** The estimate of log Z so far; means nothing under {@link SteeringPlan#reference2025}. */
    public double logEvidence() {
        return ledger.weights().logMean();
    }

    @Override
    public void close() {
        population.close();
    }
}
