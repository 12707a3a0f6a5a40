// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void whatIsLeftFollowsFromTheStepsThatWereSeen() {
        var pace = new Pace();
        // Gone on with after step 20: what was recorded before took no time.
        assertEquals(OptionalDouble.empty(), pace.left(20, 50, -7 * SECOND));
        assertEquals(OptionalDouble.empty(), pace.left(21, 50, -4 * SECOND));
        assertEquals(84, pace.left(22, 50, -SECOND).orElseThrow(), 1e-9);
        assertEquals(56, pace.left(22 + 4, 50, 7 * SECOND).orElseThrow(), 1e-9);
        assertEquals(OptionalDouble.empty(), pace.left(50, 50, 30 * SECOND));
    }

    @Test
    void fastRunsSayNothing() {
        var pace = new Pace();
        pace.left(0, 50, 0);
        assertEquals(OptionalDouble.empty(), pace.left(30, 50, SECOND));
    }

    @Test
    void aRestIsNoPartOfIt() {
        var pace = new Pace();
        pace.left(0, 10, 0);
        assertEquals(8, pace.left(2, 10, 2 * SECOND).orElseThrow(), 1e-9);
        pace.rest();
        assertEquals(OptionalDouble.empty(), pace.left(2, 10, 1000 * SECOND));
        assertEquals(OptionalDouble.empty(), pace.left(3, 10, 1004 * SECOND));
        assertEquals(24, pace.left(4, 10, 1008 * SECOND).orElseThrow(), 1e-9);
    }
}
