// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Enrols the potentials. */
class PotentialsTest {
    @Nested
    class Difference extends PotentialLaws {
        @Override
        protected Potential potential() {
            return Potential.DIFFERENCE;
        }
    }

    @Nested
    class Max extends PotentialLaws {
        @Override
        protected Potential potential() {
            return Potential.MAX;
        }
    }

    @Nested
    class Sum extends PotentialLaws {
        @Override
        protected Potential potential() {
            return Potential.SUM;
        }
    }

    @Nested
    class None extends PotentialLaws {
        @Override
        protected Potential potential() {
            return Potential.NONE;
        }
    }

    /** Any lambda of the user's will do. */
    @Nested
    class Own extends PotentialLaws {
        @Override
        protected Potential potential() {
            return path -> Math.tanh(path.current()) - 0.3 * Math.cos(path.sum());
        }
    }

    @Test
    void potentialsReadThePath() {
        var path = RewardPath.START.then(3, -2).then(5, 4).then(9, 1);
        assertEquals(-3, Potential.DIFFERENCE.early(path));
        assertEquals(4, Potential.MAX.early(path));
        assertEquals(3, Potential.SUM.early(path));
        assertEquals(0, Potential.NONE.early(path));
        assertEquals(new RewardPath(9, 4, 1, 4, 3), path);
    }

    @Test
    void potentialsHaveNames() {
        assertSame(Potential.MAX, Potential.named("Max"));
        var e = assertThrows(TillerException.class, () -> Potential.named("maximum"));
        assertTrue(e.getMessage().contains("difference, max, none, sum"), e.getMessage());
    }
}
