// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.run.Cost;
import java.util.function.Supplier;

/** What one of those who share judges has decoded for them and asked of them. */
final class Spending {
    private final Judges judges;
    private Cost spent = Cost.NONE;

    Spending(Judges judges) {
        this.judges = judges;
    }

    /** Does something, and counts what the judges were asked meanwhile, also where it fails. */
    <T> T count(Supplier<T> work) {
        var before = judges.cost();
        try {
            return work.get();
        } finally {
            spent = spent.plus(judges.cost().minus(before));
        }
    }

    /** So many pictures were decoded. */
    void decoded(int pictures) {
        spent = spent.plus(new Cost(0, pictures, 0, 0));
    }

    Cost cost() {
        return spent;
    }
}
