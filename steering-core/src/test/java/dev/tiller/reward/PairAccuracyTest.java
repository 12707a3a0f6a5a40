// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.reward.PairAccuracy.Scored;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairAccuracyTest {
    /** 8 of 10: Wilson's interval is [0.490, 0.943]. */
    @Test
    void theIntervalIsWilsons() {
        var scored = new ArrayList<Scored>();
        for (int i = 0; i < 10; i++) {
            scored.add(new Scored("c", i < 8 ? 1 : 0, i < 8 ? 0 : 1));
        }
        scored.add(new Scored("c", Double.NaN, 1));
        var accuracy = PairAccuracy.of(scored);
        assertEquals(0.8, accuracy.accuracy(), 1e-12);
        assertEquals(0.4902, accuracy.low(), 1e-4);
        assertEquals(0.9433, accuracy.high(), 1e-4);
        assertEquals(1, accuracy.unsaid());
        assertEquals(10, PairAccuracy.byCategory(scored).get("c").pairs());
    }

    /** Drawn from the model itself with T = 3: found again, and calibrated; against reality turned round it is not. */
    @Test
    void theScaleIsFoundAndItsErrorSmall() {
        var random = new Random(2);
        var scored = new ArrayList<Scored>();
        var over = new ArrayList<Scored>();
        for (int i = 0; i < 5000; i++) {
            double d = 6 * random.nextGaussian();
            boolean better = random.nextDouble() < 1 / (1 + Math.exp(-d / 3));
            scored.add(new Scored("c", better ? d : -d, 0));
            // Small differences are always right and large ones by chance: no scale fits.
            double wrong = Math.abs(d) < 3 ? Math.abs(d) : random.nextBoolean() ? d : -d;
            over.add(new Scored("c", wrong, 0));
        }
        assertEquals(3, PairAccuracy.scale(scored), 0.25);
        assertTrue(PairAccuracy.calibrationError(scored) < 0.03);
        assertTrue(PairAccuracy.calibrationError(over) > 0.1);
    }

    @Test
    void theEdgesHaveAnswers() {
        assertEquals(0, PairAccuracy.scale(List.of(new Scored("c", 1, 0))));
        assertEquals(Double.POSITIVE_INFINITY, PairAccuracy.scale(List.of(new Scored("c", 0, 1))));
        assertTrue(Double.isNaN(PairAccuracy.of(List.of()).accuracy()));
        assertEquals(0.5, PairAccuracy.of(List.of(new Scored("c", 1, 1))).accuracy());
        assertEquals(
                0.5,
                PairAccuracy.agreement(
                        List.of(new Scored("c", 1, 0), new Scored("c", 1, 0)),
                        List.of(new Scored("c", 5, 2), new Scored("c", 2, 5))));
    }
}
