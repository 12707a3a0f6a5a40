// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

/** What every {@link Resampler} owes. A new one enrols by a subclass that names it. */
public abstract class ResamplerLaws {
    private static final int RUNS = 2000;
    /** Probability that a right resampler fails {@link #weightedCountsAreRightOnAverage()}, by the normal law. */
    private static final double FALSE_ALARM = 1e-6;

    private static final double NONE = Double.NEGATIVE_INFINITY;

    protected abstract Resampler resampler();

    /** Populations that are easy to get wrong: equal, one that has all, zeros at both ends, large, tiny. */
    static List<LogWeights> populations() {
        return List.of(
                LogWeights.equal(6, 0),
                LogWeights.of(0.3, -1, 0.7, -0.2, -3),
                LogWeights.of(NONE, 0, NONE, -0.5, 0.5, NONE),
                LogWeights.of(0, 1e6, 1e6 - 1),
                LogWeights.of(-1e9, -1e9 - 3),
                LogWeights.of(Math.log(1 / 3.), Math.log(1 / 3.), Math.log(1 / 3.)),
                LogWeights.of(2));
    }

    @Test
    void weightedCountsAreRightOnAverage() {
        assertEquals(List.of(), biases(resampler(), RUNS));
    }

    /** Children that a particle has too many or too few of; the mean weight of the children enters as in the law. */
    static List<String> biases(Resampler resampler, int runs) {
        record Found(String what, double z) {}
        var found = new ArrayList<Found>();
        for (var w : populations()) {
            var share = w.normalised();
            for (int m : new int[] {1, 4, w.size(), 9}) {
                var sum = new double[w.size()];
                var squares = new double[w.size()];
                for (int r = 0; r < runs; r++) {
                    var ancestry = resampler.resample(w, m, Key.of(m).at(r));
                    var mass = new double[w.size()];
                    for (int j = 0; j < m; j++) {
                        mass[ancestry.ancestors()[j]] +=
                                Math.exp(ancestry.weights().get(j) - w.logMean()) / m;
                    }
                    for (int i = 0; i < mass.length; i++) {
                        sum[i] += mass[i];
                        squares[i] += mass[i] * mass[i];
                    }
                }
                for (int i = 0; i < share.length; i++) {
                    double mean = sum[i] / runs;
                    double sd = Math.sqrt(Math.max(squares[i] / runs - mean * mean, 0) / runs);
                    double off = Math.abs(mean - share[i]);
                    // A count that never varies has to be right up to rounding.
                    found.add(new Found(w + " to " + m + ", particle " + i, off < 1e-6 ? 0 : off / sd));
                }
            }
        }
        double limit = -new NormalDistribution().inverseCumulativeProbability(FALSE_ALARM / 2 / found.size());
        return found.stream()
                .filter(f -> !(f.z() <= limit))
                .map(f -> f.what() + ": z = " + f.z())
                .toList();
    }

    @Test
    void thePopulationHasTheSizeAskedForAndKeepsTheEvidence() {
        for (var w : populations()) {
            for (int m = 1; m < 20; m++) {
                for (int r = 0; r < 50; r++) {
                    var ancestry = resampler().resample(w, m, Key.of(r));
                    assertEquals(m, ancestry.ancestors().length);
                    assertEquals(w.logMean(), ancestry.weights().logMean(), 1e-9 * Math.abs(w.logMean()) + 1e-12);
                }
            }
        }
    }

    @Test
    void aParticleOfNoWeightHasNoChildren() {
        for (var w : populations()) {
            for (int r = 0; r < 500; r++) {
                for (int a : resampler().resample(w, 7, Key.of(r)).ancestors()) {
                    assertTrue(w.get(a) > NONE, () -> w + " gave particle " + a);
                }
            }
        }
    }

    @Test
    void theSameKeyGivesTheSameAncestors() {
        var w = populations().get(1);
        assertArrayEquals(
                resampler().resample(w, 30, Key.of(3)).ancestors(),
                resampler().resample(w, 30, Key.of(3)).ancestors());
        var all = new ArrayList<String>();
        for (int r = 0; r < 20; r++) {
            all.add(Arrays.toString(resampler().resample(w, 30, Key.of(r)).ancestors()));
        }
        assertTrue(all.stream().distinct().count() > 1, "the key is not used");
    }
}
