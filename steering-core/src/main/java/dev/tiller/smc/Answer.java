// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Which particle is the answer. */
public enum Answer {
    /** The largest reward first: best-of-n among the particles. */
    BEST_REWARD,

    /** Drawn by weight without replacement: the first is a draw from the target, as far as the particles reach. */
    DRAWN_BY_WEIGHT;

    /**
     * All slots, best first; particles given up come last, and the smaller slot first where two are equal.
     *
     * @param key used by {@link #DRAWN_BY_WEIGHT}
     */
    int[] order(Ledger ledger, Key key) {
        var value = new double[ledger.size()];
        for (int i = 0; i < value.length; i++) {
            double logWeight = ledger.weights().get(i);
            double reward = ledger.accounts().get(i).reward();
            value[i] = switch (this) {
                case BEST_REWARD ->
                    logWeight == Double.NEGATIVE_INFINITY || Double.isNaN(reward) ? Double.NEGATIVE_INFINITY : reward;
                // Gumbel noise on log weights sorts them as repeated draws without replacement would.
                case DRAWN_BY_WEIGHT ->
                    logWeight - Math.log(-Math.log1p(-key.at(i).generator().nextDouble()));
            };
        }
        return IntStream.range(0, value.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -value[i]).thenComparing(i -> i))
                .mapToInt(i -> i)
                .toArray();
    }
}
