// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Enrols the resamplers. */
class ResamplersTest {
    /** Control: particle 0 for everybody. Evidence and size are right, so only the counts can tell. */
    static final Resampler ALWAYS_0 = (w, m, key) -> new Ancestry(new int[m], LogWeights.equal(m, w.logMean()));

    @Nested
    class Multinomial extends ResamplerLaws {
        @Override
        protected Resampler resampler() {
            return ResamplingScheme.MULTINOMIAL;
        }
    }

    @Nested
    class Stratified extends ResamplerLaws {
        @Override
        protected Resampler resampler() {
            return ResamplingScheme.STRATIFIED;
        }
    }

    @Nested
    class Systematic extends ResamplerLaws {
        @Override
        protected Resampler resampler() {
            return ResamplingScheme.SYSTEMATIC;
        }
    }

    @Nested
    class Residual extends ResamplerLaws {
        @Override
        protected Resampler resampler() {
            return ResamplingScheme.RESIDUAL;
        }
    }

    @Nested
    class Ssp extends ResamplerLaws {
        @Override
        protected Resampler resampler() {
            return ResamplingScheme.SSP;
        }
    }

    @Test
    void theLawRejectsTheControl() {
        assertFalse(ResamplerLaws.biases(ALWAYS_0, 2000).isEmpty());
    }

    @ParameterizedTest
    @EnumSource(
            value = ResamplingScheme.class,
            names = {"SYSTEMATIC", "SSP"})
    void countsAreTheExpectationRoundedUpOrDown(ResamplingScheme scheme) {
        for (int r = 0; r < 300; r++) {
            var random = Key.of(r).generator();
            var w = LogWeights.of(random.doubles(1 + r % 40, -4, 2).toArray());
            int m = 1 + r % 23;
            var count = counts(scheme.resample(w, m, Key.of(r)), w.size());
            var share = w.normalised();
            for (int i = 0; i < count.length; i++) {
                assertEquals(m * share[i], count[i], 1 + 1e-9);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ResamplingScheme.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MULTINOMIAL"})
    void equalWeightsKeepEveryParticle(ResamplingScheme scheme) {
        for (int n = 1; n < 50; n++) {
            var ancestors =
                    scheme.resample(LogWeights.equal(n, -7), n, Key.of(n)).ancestors();
            for (int i = 0; i < n; i++) {
                assertEquals(i, ancestors[i], scheme + " of " + n);
            }
        }
    }

    /** Rewards of a million at lambda 100: what weights are to each other does not hang on how large they are. */
    @ParameterizedTest
    @EnumSource(
            value = ResamplingScheme.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MULTINOMIAL"})
    void equalWeightsKeepEveryParticleHoweverLarge(ResamplingScheme scheme) {
        for (double large : new double[] {1e8, -1e8, 1e11}) {
            for (int n = 1; n < 12; n++) {
                var w = LogWeights.equal(n, large);
                assertEquals(1, Arrays.stream(w.normalised()).sum(), 1e-15);
                var ancestors = scheme.resample(w, n, Key.of(n)).ancestors();
                for (int i = 0; i < n; i++) {
                    assertEquals(i, ancestors[i], scheme + " of " + n);
                }
            }
        }
    }

    @Test
    void sspIsNegativelyAssociatedWhereSystematicDependsOnTheOrder() {
        // Particles 0 and 2 of four with m W = 1/2: systematic takes both or none of them, SSP takes both less often
        // than two independent halves would.
        var w = LogWeights.equal(4, 0);
        int systematic = 0;
        int ssp = 0;
        for (int r = 0; r < 4000; r++) {
            var s = counts(ResamplingScheme.SYSTEMATIC.resample(w, 2, Key.of(r)), 4);
            var p = counts(ResamplingScheme.SSP.resample(w, 2, Key.of(r)), 4);
            systematic += s[0] * s[2];
            ssp += p[0] * p[2];
        }
        assertTrue(systematic > 1800, "" + systematic);
        // 4000 independent pairs would give 1000 with a standard deviation of 27; five of these are allowed.
        assertTrue(ssp < 1000 + 5 * 27, "" + ssp);
    }

    @Test
    void resamplersHaveNames() {
        assertEquals(ResamplingScheme.SSP, ResamplingScheme.named("ssp"));
        var e = assertThrows(TillerException.class, () -> ResamplingScheme.named("wheel"));
        assertTrue(e.getMessage().contains("multinomial, stratified, systematic, residual, ssp"), e.getMessage());
    }

    @Test
    void aFamilySelectsByWeightAndTakesItsMeanWeight() {
        var w = LogWeights.of(Math.log(1), Math.log(3), Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
        int second = 0;
        for (int r = 0; r < 4000; r++) {
            var chosen = Families.chooseOne(w, 2, Key.of(r));
            assertEquals(Math.log(2), chosen.weights().get(0), 1e-12);
            assertEquals(Double.NEGATIVE_INFINITY, chosen.weights().get(1));
            assertEquals(2, chosen.ancestors()[1]);
            second += chosen.ancestors()[0];
        }
        // Binomial(4000, 3/4): 3000 with a standard deviation of 27.4; five of these, false alarm below 1e-6.
        assertEquals(3000, second, 5 * 27.4);
    }

    private static int[] counts(Ancestry ancestry, int n) {
        var list = Arrays.stream(ancestry.ancestors()).boxed().toList();
        return java.util.stream.IntStream.range(0, n)
                .map(i -> Collections.frequency(list, i))
                .toArray();
    }
}
