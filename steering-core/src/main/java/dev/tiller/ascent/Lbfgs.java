// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * L-BFGS uphill (Nocedal and Wright 2006, algorithm 7.4) with a safeguard that costs no evaluations of its own. Every
 * iteration evaluates one point for each row; a point that does not rise by {@value #ARMIJO} of what the gradient promised
 * (Armijo) is not accepted, and the next point is half as far from the last accepted one, in the same direction. So each
 * row backtracks by itself. Pairs of s and y with too little curvature are not remembered, so directions stay uphill.
 *
 * <p>Without pairs the direction is the gradient and the first step is rate / max(1, |g|) of it; with pairs it is the rate.
 *
 * @param rate the first length that is tried, as a fraction of the quasi-Newton step; above 0, usually 1
 * @param history how many pairs are remembered, at least 1
 */
public record Lbfgs(double rate, int history) implements Optimizer {
    private static final double ARMIJO = 1e-4;
    private static final double CURVATURE = 1e-10;

    public Lbfgs {
        Checks.positive("learning rate", rate);
        Checks.atLeast(1, "history of L-BFGS", history);
    }

    @Override
    public boolean needsExactGradients() {
        return true;
    }

    /** The memory: x and g of the last accepted point, the pairs from old to new; numbers: its value, the step's length. */
    @Override
    public <X extends Vectors<X>> Step<X> step(X x, double[] values, X gradient, Memory<X> memory) {
        var accepted = new ArrayList<X>();
        var base = values.clone();
        var length = new double[x.size()];
        if (memory.vectors().isEmpty()) {
            accepted.add(x.copy());
            accepted.add(gradient.copy());
            for (int i = 0; i < 2 * history; i++) {
                accepted.add(x.times(0));
            }
        } else {
            accept(x, values, gradient, memory, accepted, base, length);
        }
        var pairs = accepted.subList(2, accepted.size());
        try (X direction = direction(accepted.get(1), pairs)) {
            var curved = curvature(pairs, history - 1);
            var norms = Vectors.norms(accepted.get(1));
            for (int i = 0; i < length.length; i++) {
                if (length[i] == 0) {
                    length[i] = curved[i] > 0 ? rate : rate / Math.max(1, norms[i]);
                }
            }
            X next = Rows.add(accepted.get(0), length, direction);
            return new Step<>(next, new Memory<>(memory.steps() + 1, List.copyOf(accepted), List.of(base, length)));
        }
    }

    /** Moves the rows that have risen enough; halves the length of the others, which is left 0 where it is to be set. */
    private <X extends Vectors<X>> void accept(
            X x, double[] values, X gradient, Memory<X> memory, List<X> accepted, double[] base, double[] length) {
        X oldX = memory.vectors().get(0);
        X oldGradient = memory.vectors().get(1);
        try (X s = x.minus(oldX);
                X y = oldGradient.minus(gradient)) {
            var promised = oldGradient.dotRows(s);
            var curved = s.dotRows(y);
            var sNorms = Vectors.norms(s);
            var yNorms = Vectors.norms(y);
            var rises = new boolean[values.length];
            var remembered = new boolean[values.length];
            for (int i = 0; i < values.length; i++) {
                double before = memory.numbers().get(0)[i];
                // A prior may have moved the point to where the gradient promised a fall.
                rises[i] = values[i] >= before + ARMIJO * Math.max(0, promised[i]);
                remembered[i] = rises[i] && curved[i] > CURVATURE * sNorms[i] * yNorms[i];
                if (!rises[i]) {
                    base[i] = before;
                    length[i] = memory.numbers().get(1)[i] / 2;
                }
            }
            accepted.add(Rows.choose(rises, x, oldX));
            accepted.add(Rows.choose(rises, gradient, oldGradient));
            for (int pair = 0; pair < history; pair++) {
                boolean newest = pair == history - 1;
                X nextS = newest ? s : memory.vectors().get(2 + 2 * (pair + 1));
                X nextY = newest ? y : memory.vectors().get(3 + 2 * (pair + 1));
                accepted.add(Rows.choose(remembered, nextS, memory.vectors().get(2 + 2 * pair)));
                accepted.add(Rows.choose(remembered, nextY, memory.vectors().get(3 + 2 * pair)));
            }
        }
    }

    /** The two-loop recursion; a row's empty pairs are zero and take no part. */
    private <X extends Vectors<X>> X direction(X gradient, List<X> pairs) {
        X q = gradient.copy();
        var alphas = new ArrayList<double[]>(Collections.nCopies(history, new double[0]));
        for (int pair = history - 1; pair >= 0; pair--) {
            var alpha = quotient(pairs.get(2 * pair).dotRows(q), curvature(pairs, pair), 0);
            alphas.set(pair, alpha);
            q = replaced(q, negative(alpha), pairs.get(2 * pair + 1));
        }
        X newestY = pairs.get(pairs.size() - 1);
        var scale = quotient(curvature(pairs, history - 1), newestY.dotRows(newestY), 1);
        X r;
        try (X last = q) {
            r = last.timesRows(scale);
        }
        for (int pair = 0; pair < history; pair++) {
            var beta = quotient(pairs.get(2 * pair + 1).dotRows(r), curvature(pairs, pair), 0);
            var factor = new double[beta.length];
            for (int i = 0; i < beta.length; i++) {
                factor[i] = alphas.get(pair)[i] - beta[i];
            }
            r = replaced(r, factor, pairs.get(2 * pair));
        }
        return r;
    }

    private static <X extends Vectors<X>> X replaced(X x, double[] factors, X y) {
        try (X old = x) {
            return Rows.add(old, factors, y);
        }
    }

    private static <X extends Vectors<X>> double[] curvature(List<X> pairs, int pair) {
        return pairs.get(2 * pair).dotRows(pairs.get(2 * pair + 1));
    }

    private static double[] quotient(double[] numerator, double[] denominator, double ifEmpty) {
        var result = new double[numerator.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = denominator[i] > 0 ? numerator[i] / denominator[i] : ifEmpty;
        }
        return result;
    }

    private static double[] negative(double[] values) {
        return java.util.Arrays.stream(values).map(v -> -v).toArray();
    }
}
