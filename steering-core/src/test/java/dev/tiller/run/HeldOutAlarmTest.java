// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldOutAlarmTest {
    private static final int SCORINGS = 50;

    /** Held-out curves: an offset of each row, a trend, and noise that remembers half of itself (but for one row). */
    private static List<double[]> curves(int rows, IntToDoubleFunction trend, double noise, long seed) {
        var random = new SplittableRandom(seed);
        var offset = new double[rows];
        var state = new double[rows];
        for (int i = 0; i < rows; i++) {
            offset[i] = 3 * random.nextGaussian();
        }
        var curves = new ArrayList<double[]>();
        for (int t = 0; t < SCORINGS; t++) {
            var values = new double[rows];
            for (int i = 0; i < rows; i++) {
                state[i] = (rows == 1 ? 0 : 0.5 * state[i]) + noise * random.nextGaussian();
                values[i] = offset[i] + trend.applyAsDouble(t) + state[i];
            }
            curves.add(values);
        }
        return curves;
    }

    private static double rising(int scoring) {
        return 0.1 * scoring;
    }

    private static double rate(
            int rows, IntToDoubleFunction steered, IntToDoubleFunction heldOut, double level, int runs) {
        var alarm = new HeldOutAlarm(5, level);
        return IntStream.range(0, runs)
                        .filter(seed -> alarm.raised(
                                        curves(rows, steered, 0.1, 1000 + seed), curves(rows, heldOut, 1, seed))
                                .isPresent())
                        .count()
                / (double) runs;
    }

    /** Level 5 %, 1000 runs each: a true rate of 5 % gives more than 7 % with probability 0.3 %. */
    @Test
    void whereTheHeldOutRewardOnlyFluctuatesItIsSilent() {
        for (int rows : new int[] {1, 2, 4, 16}) {
            double rate = rate(rows, HeldOutAlarmTest::rising, t -> 0, 0.05, 1000);
            assertTrue(rate <= 0.07, rows + " rows: " + rate);
        }
    }

    /** The control of the test above: a test that forgets how often it looks would alarm far more often. */
    @Test
    void aLevelPerLookWouldNotDo() {
        var naive = new HeldOutAlarm(5, 0.9);
        long alarms = IntStream.range(0, 200)
                .filter(seed -> naive.raised(
                                curves(4, HeldOutAlarmTest::rising, 0.1, 1000 + seed), curves(4, t -> 0, 1, seed))
                        .isPresent())
                .count();
        assertTrue(alarms > 40, alarms + " of 200");
    }

    /** Gamed from the 20th scoring on: a fall of 0.15 of the noise at each, 4.5 in all. */
    @Test
    void aRewardThatIsGamedIsNoticed() {
        IntToDoubleFunction gamed = t -> t < 20 ? 0.05 * t : 1 - 0.15 * (t - 20);
        assertTrue(
                rate(8, HeldOutAlarmTest::rising, gamed, 0.01, 300) > 0.95,
                "" + rate(8, HeldOutAlarmTest::rising, gamed, 0.01, 300));
        assertTrue(rate(1, HeldOutAlarmTest::rising, t -> t < 20 ? 0 : -0.5 * (t - 20), 0.01, 300) > 0.5);
    }

    @Test
    void aFallThatTheSteeredRewardSharesIsNoGame() {
        assertEquals(0, rate(8, t -> -0.1 * t, t -> -0.1 * t, 0.05, 100));
    }

    @Test
    void itTellsWhen() {
        IntToDoubleFunction cliff = t -> t < 25 ? 0 : -20;
        var raised = HeldOutAlarm.DEFAULT.raised(curves(8, HeldOutAlarmTest::rising, 0.1, 1), curves(8, cliff, 1, 2));
        assertEquals(OptionalInt.of(29), raised);
        assertEquals(OptionalInt.empty(), HeldOutAlarm.DEFAULT.raised(List.of(), List.of()));
    }

    @Test
    void rowsThatCannotSayAreLeftOut() {
        var heldOut = curves(8, t -> t < 25 ? 0 : -20, 1, 2);
        heldOut.forEach(values -> values[3] = Double.NaN);
        assertEquals(
                OptionalInt.of(29), HeldOutAlarm.DEFAULT.raised(curves(8, HeldOutAlarmTest::rising, 0.1, 1), heldOut));
        heldOut.forEach(values -> java.util.Arrays.fill(values, Double.NaN));
        assertEquals(
                OptionalInt.empty(), HeldOutAlarm.DEFAULT.raised(curves(8, HeldOutAlarmTest::rising, 0.1, 1), heldOut));
    }

    /** Quantiles of Student's t from tables. */
    @Test
    void tailsOfStudentsT() {
        assertEquals(0.025, HeldOutAlarm.upperTail(12.7062, 1), 1e-6);
        assertEquals(0.05, HeldOutAlarm.upperTail(2.0150, 5), 1e-5);
        assertEquals(0.005, HeldOutAlarm.upperTail(3.1693, 10), 1e-6);
        assertEquals(0.5, HeldOutAlarm.upperTail(0, 7), 1e-12);
        assertEquals(0.95, HeldOutAlarm.upperTail(-2.0150, 5), 1e-5);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThrows(TillerException.class, () -> new HeldOutAlarm(0, 0.1));
        assertThrows(TillerException.class, () -> new HeldOutAlarm(5, 1));
    }
}
