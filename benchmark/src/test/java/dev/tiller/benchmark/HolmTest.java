// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.smc.Key;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HolmTest {
    @Test
    void theSmallestIsMultipliedMostAndOrderIsKept() {
        assertArrayEquals(
                new double[] {0.03, 0.06, 0.06, 0.02}, Holm.adjusted(new double[] {0.01, 0.04, 0.03, 0.005}), 1e-12);
        assertArrayEquals(new double[] {1, 1}, Holm.adjusted(new double[] {0.6, 0.9}));
        assertArrayEquals(new double[] {Double.NaN, 0.02}, Holm.adjusted(new double[] {Double.NaN, 0.02}));
        assertArrayEquals(new double[0], Holm.adjusted(new double[0]));
    }

    /**
     * Of 1,000 tables with ten true null hypotheses at most 50 should raise any alarm; Binomial(1000, 0.05) exceeds 50 + 5 x
     * 6.9 once in a million. Control: without the correction about 400 do.
     */
    @Test
    void falseAlarmsOfAWholeTableStayBelowTheLevel() {
        int alarms = 0;
        int uncorrected = 0;
        for (int i = 0; i < 1000; i++) {
            var random = Key.of(8).at(i).generator();
            var chances = new double[10];
            Arrays.setAll(chances, k -> random.nextDouble());
            alarms += Arrays.stream(Holm.adjusted(chances)).anyMatch(p -> p < 0.05) ? 1 : 0;
            uncorrected += Arrays.stream(chances).anyMatch(p -> p < 0.05) ? 1 : 0;
        }
        assertTrue(alarms <= 84, alarms + " alarms");
        assertTrue(uncorrected > 300, uncorrected + " alarms without correction");
    }
}
