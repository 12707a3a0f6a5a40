// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Cost;
import dev.tiller.run.StepReport;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private static String shown(boolean shown, double best) {
        var err = new StringWriter();
        try (var line = new ProgressLine(new PrintWriter(err, true), shown)) {
            for (int step = 0; step < 20; step++) {
                line.step("steering", new StepReport(step, 20, 8, 6.25, best, false, Cost.NONE));
            }
        }
        return err.toString();
    }

    @Test
    void stepParticlesBestRewardAndEssAreShown() {
        var text = shown(true, 3.14159);
        assertTrue(text.contains("20/20") && text.contains("8 particles, best 3.142, ESS 6.3"), text);
        assertTrue(text.lines().allMatch(line -> line.length() < 100), text);
        assertTrue(!shown(true, Double.NaN).contains("NaN"));
    }

    /** One step says nothing of how long the others take: what it took itself was not seen. */
    @Test
    void afterOneStepTheTimeLeftIsNotKnown() {
        var err = new StringWriter();
        try (var line = new ProgressLine(new PrintWriter(err, true), true)) {
            line.step("steering", new StepReport(7, 20, 8, 6.25, 1, false, Cost.NONE));
        }
        var last = err.toString().substring(err.toString().lastIndexOf('\r'));
        assertTrue(last.contains("8/20") && last.contains("/ ?)"), last);
    }

    @Test
    void nothingIsShownWhereNobodyLooks() {
        assertEquals("", shown(false, 1));
    }
}
