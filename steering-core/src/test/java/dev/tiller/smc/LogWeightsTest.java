// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import org.junit.jupiter.api.Test;

class LogWeightsTest {
    private static final double NONE = Double.NEGATIVE_INFINITY;

    @Test
    void sumsDoNotOverflow() {
        for (double shift : new double[] {0, 1e9, -1e9, 1e300}) {
            var w = LogWeights.of(Math.log(1) + shift, Math.log(3) + shift, NONE);
            assertEquals(shift + Math.log(4), w.logSum(), 1e-15 * Math.abs(shift) + 1e-12);
            assertEquals(shift + Math.log(4 / 3.), w.logMean(), 1e-15 * Math.abs(shift) + 1e-12);
            if (Math.abs(shift) < 1e8) {
                assertArrayEquals(new double[] {0.25, 0.75, 0}, w.normalised(), 1e-12);
                assertEquals(16 / 10., w.ess(), 1e-12);
            }
        }
    }

    @Test
    void essIsTheSizeForEqualAndOneForASingleWeight() {
        assertEquals(7, LogWeights.equal(7, -3).ess());
        assertEquals(1, LogWeights.of(NONE, 2, NONE).ess());
        assertEquals(0, LogWeights.of(NONE, NONE).ess());
    }

    @Test
    void aMeanIsWeightedAndPassesOverWhatWasGivenUp() {
        var w = LogWeights.of(Math.log(1) + 700, Math.log(3) + 700, NONE);
        assertEquals(0.25 * 2 + 0.75 * -4, w.mean(new double[] {2, -4, Double.NaN}), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> w.mean(new double[2]));
        assertThrows(IllegalStateException.class, () -> LogWeights.of(NONE).mean(new double[1]));
    }

    @Test
    void whatIsNotAWeightIsRefusedByStepAndParticle() {
        var w = LogWeights.of(0, 0, 0);
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> LogWeights.of(0, bad));
            var e = assertThrows(TillerException.class, () -> w.plus(new double[] {0, 0, bad}, 17));
            assertTrue(e.getMessage().contains("particle 2 became " + bad + " at step 17"), e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, LogWeights::of);
        assertThrows(IllegalArgumentException.class, () -> w.plus(new double[2], 0));
        assertThrows(IllegalStateException.class, () -> LogWeights.of(NONE).normalised());
    }

    @Test
    void aParticleGivenUpStaysSo() {
        var w = LogWeights.of(NONE, 0).plus(new double[] {Double.POSITIVE_INFINITY, 1}, 0);
        assertEquals(LogWeights.of(NONE, 1), w);
    }
}
