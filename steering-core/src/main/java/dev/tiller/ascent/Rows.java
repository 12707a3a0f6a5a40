// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Arithmetic on rows that leaves nothing behind. All results are new and owned by the caller. */
final class Rows {
    private Rows() {}

    /** x + factor y. */
    static <X extends Vectors<X>> X add(X x, double factor, X y) {
        try (X scaled = y.times(factor)) {
            return x.plus(scaled);
        }
    }

    /** x + factors[i] y, row by row. */
    static <X extends Vectors<X>> X add(X x, double[] factors, X y) {
        try (X scaled = y.timesRows(factors)) {
            return x.plus(scaled);
        }
    }

    /** Row i of {@code yes} where chosen[i], else of {@code no}; both finite, or a row that is not spoils its other. */
    static <X extends Vectors<X>> X choose(boolean[] chosen, X yes, X no) {
        var ones = IntStream.range(0, chosen.length)
                .mapToDouble(i -> chosen[i] ? 1 : 0)
                .toArray();
        var rest = Arrays.stream(ones).map(one -> 1 - one).toArray();
        try (X kept = no.timesRows(rest)) {
            return add(kept, ones, yes);
        }
    }
}
