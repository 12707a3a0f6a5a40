// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {
    /** Rewards that are equal but for rounding have an axis with a few numbers, as equal ones have. */
    @ParameterizedTest
    @ValueSource(doubles = {1e6, -1e6, 0.25, 3e-7, -1234.5})
    void valuesThatDifferInTheirLastDigitAreAsOne(double value) {
        var chart = new Chart("x", 10, value, Math.nextUp(value)).svg();
        int lines = chart.split("class=\"grid\"", -1).length - 1;
        assertTrue(lines >= 2 && lines <= 12, lines + " lines");
        double margin = Ticks.margin(value, Math.nextUp(value), 0.06);
        var ticks = Ticks.between(value - margin, value + margin, Ticks.distance(2 * margin, 4));
        assertTrue(ticks.stream().allMatch(t -> Math.abs(t - value) <= margin * 1.001), ticks.toString());
    }

    @Test
    void aShareOfTheRangeIsFree() {
        assertEquals(0.6, Ticks.margin(-5, 5, 0.06), 1e-12);
        assertEquals(1e-6, Ticks.margin(0, 0, 0.06));
        assertEquals(0.5, Ticks.margin(5, 5, 0.06));
    }
}
