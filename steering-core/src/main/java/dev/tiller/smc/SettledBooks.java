// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.Optional;

/** The mathematics: every potential is paid in and the rest at the last step; weights are carried on. */
record SettledBooks(Potential potential, Resampling resampling) implements Bookkeeping {
    @Override
    public Ledger open(int n) {
        return Ledger.open(n);
    }

    @Override
    public Ledger paid(int step, double[] rewards, double lambda, boolean last, Ledger before) {
        return before.paid(step, rewards, lambda, potential, last);
    }

    @Override
    public void requireAlive(int step, Ledger paid) {
        if (paid.weights().allZero()) {
            throw new TillerException("No particle is left at step " + step
                    + ": all weights are zero, because rewards were not finite numbers (the last were "
                    + Arrays.toString(paid.rewards()) + "); look at the reward.");
        }
    }

    /** The last step is not resampled: the final particles' weights say more than copies would. */
    @Override
    public Optional<Ancestry> resample(Ledger ledger, int size, boolean last, Key key) {
        return last ? Optional.empty() : resampling.resample(ledger.weights(), size, key);
    }

    @Override
    public Ledger descend(Ledger ledger, Ancestry ancestry) {
        return ledger.descend(ancestry);
    }

    @Override
    public Ledger kept(Ledger ledger) {
        return ledger;
    }

    @Override
    public double logEvidence(Ledger ledger) {
        return ledger.weights().logMean();
    }
}
