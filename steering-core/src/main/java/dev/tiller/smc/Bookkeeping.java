// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.Optional;

/** How rewards become weights, and weights a new population. */
sealed interface Bookkeeping permits SettledBooks, Reference2025 {
    /** n particles before anything is scored. */
    Ledger open(int n);

    /**
     * Enters a scoring.
     *
     * @param rewards of all particles, NaN where one failed
     * @param lambda of this step
     * @param last whether this is the last step
     */
    Ledger paid(int step, double[] rewards, double lambda, boolean last, Ledger before);

    /** @throws dev.tiller.run.TillerException if a scoring has left nothing to go on with */
    void requireAlive(int step, Ledger paid);

    /** What becomes of the population after a scoring; empty where particles stay where they are. */
    Optional<Ancestry> resample(Ledger ledger, int size, boolean last, Key key);

    /** The ledger of the new population. */
    Ledger descend(Ledger ledger, Ancestry ancestry);

    /** The ledger of a population that was scored and not resampled. */
    Ledger kept(Ledger ledger);

    /** The estimate of log Z; NaN where there is none. */
    double logEvidence(Ledger ledger);
}
