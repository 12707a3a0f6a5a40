// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The standard unbiased resamplers: particle i has m W_i children on average, W the normalised weights and m the number
 * of children. All but the first also make the number of children vary less than independent draws do. Ancestors are in
 * ascending order. See Douc, Cappe, Moulines 2005 and Gerber, Chopin, Whiteley 2019.
 */
public enum ResamplingScheme implements Resampler {
    /** Independent draws. */
    MULTINOMIAL {
        @Override
        int[] draw(double[] w, int m, RandomGenerator random) {
            return invert(w, random.doubles(m).sorted().toArray());
        }
    },

    /** One uniform point in each of m equal strata. */
    STRATIFIED {
        @Override
        int[] draw(double[] w, int m, RandomGenerator random) {
            return invert(
                    w,
                    IntStream.range(0, m)
                            .mapToDouble(j -> (j + random.nextDouble()) / m)
                            .toArray());
        }
    },

    /** The same uniform offset in each of m equal strata: the number of children is m W_i rounded up or down. */
    SYSTEMATIC {
        @Override
        int[] draw(double[] w, int m, RandomGenerator random) {
            double offset = random.nextDouble();
            return invert(
                    w, IntStream.range(0, m).mapToDouble(j -> (j + offset) / m).toArray());
        }
    },

    /** floor(m W_i) children for sure, the rest independent draws by the remainders. */
    RESIDUAL {
        @Override
        int[] draw(double[] w, int m, RandomGenerator random) {
            var rest = new double[w.length];
            var count = wholeChildren(w, m, rest);
            int left = m - Arrays.stream(count).sum();
            if (left > 0) {
                for (int i : invert(rest, random.doubles(left).sorted().toArray())) {
                    count[i]++;
                }
            }
            return ancestors(count, m);
        }
    },

    /**
     * The Srinivasan sampling process: m W_i rounded up or down, negatively associated, whatever the order of the
     * particles (Gerber, Chopin, Whiteley 2019, section 3.3).
     */
    SSP {
        @Override
        int[] draw(double[] w, int m, RandomGenerator random) {
            var rest = new double[w.length];
            var count = wholeChildren(w, m, rest);
            int left = m - Arrays.stream(count).sum();
            // One particle holds a fraction still open; a duel with the next settles one of the two, at 0 or at 1.
            int open = 0;
            double a = rest[0];
            for (int next = 1; next < w.length; next++) {
                double b = rest[next];
                double up = Math.min(b, 1 - a);
                double down = Math.min(a, 1 - b);
                boolean rises = random.nextDouble() * (up + down) < down;
                double settledOrOpen = rises ? a + up : a - down;
                double other = rises ? b - up : b + down;
                // Which of the two is settled is known from what bound the exchange, exactly, before any rounding.
                boolean openSettled = rises ? up == 1 - a : down == a;
                boolean one = openSettled ? rises : !rises;
                if (one && left > 0) {
                    count[openSettled ? open : next]++;
                    left--;
                }
                if (openSettled) {
                    open = next;
                    a = other;
                } else {
                    a = settledOrOpen;
                }
            }
            // The fractions add up to a whole number, so the last one is 0 or 1 up to rounding.
            count[open] += left;
            return ancestors(count, m);
        }
    };

    /**
     * @param w normalised weights
     * @param m the number of children
     * @return ancestors in ascending order, m of them
     */
    abstract int[] draw(double[] w, int m, RandomGenerator random);

    @Override
    public Ancestry resample(LogWeights w, int children, Key key) {
        return new Ancestry(draw(w.normalised(), children, key.generator()), LogWeights.equal(children, w.logMean()));
    }

    /**
     * A scheme by its name in lower case.
     *
     * @throws TillerException if there is none of that name
     */
    public static ResamplingScheme named(String name) {
        for (var scheme : values()) {
            if (scheme.toString().equals(name.toLowerCase(Locale.ROOT))) {
                return scheme;
            }
        }
        throw new TillerException("There is no resampler '" + name + "'; choose one of "
                + Arrays.stream(values()).map(Object::toString).collect(Collectors.joining(", ")) + ".");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For each of the ascending points in [0, 1) the particle on whose share of the total weight it falls. */
    private static int[] invert(double[] w, double[] points) {
        double total = Arrays.stream(w).sum();
        int last = w.length - 1;
        while (w[last] == 0) {
            last--;
        }
        var ancestors = new int[points.length];
        int i = 0;
        double reached = w[0];
        for (int j = 0; j < points.length; j++) {
            // Rounding may leave the sum a hair below a point near 1: the last particle with any weight takes it.
            while (i < last && reached <= points[j] * total) {
                reached += w[++i];
            }
            ancestors[j] = i;
        }
        return ancestors;
    }

    /** floor(m W_i), with the remainders in {@code rest}. */
    private static int[] wholeChildren(double[] w, int m, double[] rest) {
        var count = new int[w.length];
        for (int i = 0; i < w.length; i++) {
            double expected = m * w[i];
            // 2.9999999999999996 is 3 misrounded; to leave it be would be right on average but restless.
            double nearest = Math.rint(expected);
            double snapped =
                    Math.abs(expected - nearest) < 1e-9 * Math.max(1, nearest) && nearest > 0 ? nearest : expected;
            count[i] = (int) snapped;
            rest[i] = snapped - count[i];
        }
        return count;
    }

    private static int[] ancestors(int[] count, int m) {
        return IntStream.range(0, count.length)
                .flatMap(i -> IntStream.generate(() -> i).limit(count[i]))
                .limit(m)
                .toArray();
    }
}
