// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.GradedObjective.Graded;
import dev.tiller.gradient.Vectors;
import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Arithmetic of gradients, row by row. */
final class Rows {
    private Rows() {}

    /** The sum; closes both. */
    static <X extends Vectors<X>> @Nullable X sum(@Nullable X a, @Nullable X b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        try (a;
                b) {
            return a.plus(b);
        }
    }

    /** Rows of a Euclidean norm of at most {@code limit}, in their old directions; closes its argument. */
    static <X extends Vectors<X>> X cut(X x, double limit) {
        if (limit == Double.POSITIVE_INFINITY) {
            return x;
        }
        try (x) {
            return x.timesRows(Arrays.stream(Vectors.norms(x))
                    .map(norm -> norm > limit ? limit / norm : 1)
                    .toArray());
        }
    }

    /** Which rows hold nothing but finite numbers. */
    static <X extends Vectors<X>> boolean[] finite(X x) {
        var squares = x.dotRows(x);
        var finite = new boolean[squares.length];
        for (int i = 0; i < finite.length; i++) {
            finite[i] = Double.isFinite(squares[i]);
        }
        return finite;
    }

    /** x with the rows that are not kept set to zero, whatever is in them; null if none is kept. Closes its argument. */
    static <X extends Vectors<X>> @Nullable X only(X x, boolean[] kept) {
        int some =
                IntStream.range(0, kept.length).filter(i -> kept[i]).findFirst().orElse(-1);
        try (x) {
            if (some < 0) {
                return null;
            }
            // A number that is not finite is not mended by a factor of zero, so another row takes its place first.
            try (X mended = x.gather(
                    IntStream.range(0, kept.length).map(i -> kept[i] ? i : some).toArray())) {
                return mended.timesRows(IntStream.range(0, kept.length)
                        .mapToDouble(i -> kept[i] ? 1 : 0)
                        .toArray());
            }
        }
    }

    /** sum + weight · graded, for values and gradients; closes the sum, not the other. */
    static <X extends Vectors<X>> Graded<X> plus(@Nullable Graded<X> sum, Graded<X> graded, double weight) {
        var total = graded.scores().total();
        var weighted = IntStream.range(0, total.length)
                .mapToDouble(
                        i -> weight * total[i] + (sum == null ? 0 : sum.scores().total()[i]))
                .toArray();
        X gradient = sum(sum == null ? null : sum.gradient(), graded.gradient().times(weight));
        return new Graded<>(new Scores(weighted, Map.of()), java.util.Objects.requireNonNull(gradient));
    }

    /** log(exp sum + exp(graded − less)), for values and gradients; closes the sum, not the other. */
    static <X extends Vectors<X>> Graded<X> logSum(@Nullable Graded<X> sum, Graded<X> graded, double less) {
        var values = Arrays.stream(graded.scores().total()).map(v -> v - less).toArray();
        if (sum == null) {
            return new Graded<>(new Scores(values, Map.of()), graded.gradient().copy());
        }
        var before = sum.scores().total();
        var shares = new double[values.length];
        var total = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double most = Math.max(before[i], values[i]);
            total[i] = most + Math.log(Math.exp(before[i] - most) + Math.exp(values[i] - most));
            shares[i] = Math.exp(values[i] - total[i]);
        }
        try (X old = sum.gradient();
                X towards = graded.gradient().minus(old);
                X change = towards.timesRows(shares)) {
            return new Graded<>(new Scores(total, Map.of()), old.plus(change));
        }
    }
}
