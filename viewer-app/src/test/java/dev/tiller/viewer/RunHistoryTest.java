// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventOrder;
import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.Intervened;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunManifest;
import dev.tiller.viewer.RunReport.Shown;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunHistoryTest {
    private static final String PICTURE = "ab".repeat(32);
    private static final int[] TWICE = {0, 0, 1, 1};
    private static final double[] EVEN = {0, 0, 0, 0};
    private static final double[] REWARDS = {1, 4, 2, 3};

    /** Two particles of two candidates each, of which the better one is kept, as value-based selection has it. */
    static RunHistory families(Decision... byHand) {
        var history = new RunHistory();
        var order = new EventOrder();
        var start = new RunStarted(
                new RunManifest(
                        "a heart",
                        1,
                        Map.of("method", "svdd", "reward", "clip"),
                        List.of(),
                        Map.of("tiller", "0"),
                        "cpu"),
                2,
                2);
        var events = new java.util.ArrayList<RunEvent>(List.of(start));
        for (int step = 0; step < 2; step++) {
            if (step == 1) {
                for (var decision : byHand) {
                    events.add(new Intervened(1, decision, new int[] {0, 1}, new double[2]));
                }
            }
            events.add(new Expanded(step, TWICE));
            events.add(new StepDone(step, EVEN, 4, 0, Cost.NONE));
            events.add(new Scored(step, REWARDS, Map.of("clip", REWARDS), EVEN, 4));
            events.add(new Resampled(step, new int[] {1, 1}, new double[] {0, Math.log(3)}, 4));
        }
        events.add(new Previewed(1, 0, PICTURE, Stage.FINAL));
        events.add(new RunEnded(new Outcome.Completed(), new int[] {0, 1}, Double.NaN, Cost.NONE));
        for (var event : events) {
            order.on(event);
            history.on(event);
        }
        return history;
    }

    private static String page(RunHistory history) {
        return RunReport.html(new Shown(history, sha -> Optional.empty()), null, null, List.of());
    }

    /** Not as many as were chosen from. */
    @Test
    void theEffectiveSizeAfterResamplingIsThatOfTheChosen() {
        var first = families().ess().get(0);
        assertEquals(4, first.ess());
        assertEquals(4, first.particles());
        assertEquals(1.6, first.after(), 1e-12);
    }

    /** The first of the chosen is not the first of those that they were chosen from. */
    @Test
    void whatAParticleBecameIsThePictureOfItsDescendant() {
        var history = families();
        var last = history.columns().get(1);
        assertEquals(Optional.of(PICTURE), history.picture(last, 1));
        for (int dropped : new int[] {0, 2, 3}) {
            assertEquals(Optional.empty(), history.picture(last, dropped));
        }
        assertEquals(Optional.of(PICTURE), history.finalPicture(0));
    }

    /** The mode reference-2025 draws new ancestors after the finished pictures were judged. */
    @Test
    void finalPicturesAreDrawnAgainWithTheirParticles() {
        var history = new RunHistory();
        var manifest = new RunManifest("a heart", 1, Map.of(), List.of(), Map.of(), "cpu");
        var other = "cd".repeat(32);
        for (var event : List.of(
                new RunStarted(manifest, 1, 2),
                new StepDone(0, new double[2], 2, 0, Cost.NONE),
                new Previewed(0, 0, other, Stage.FINAL),
                new Previewed(0, 1, PICTURE, Stage.FINAL),
                new Scored(0, new double[] {1, 2}, Map.of(), new double[2], 2),
                new Resampled(0, new int[] {1, 1}, new double[2], 2),
                new RunEnded(new Outcome.Completed(), new int[] {0, 1}, Double.NaN, Cost.NONE))) {
            history.on(event);
        }
        assertEquals(Optional.of(PICTURE), history.finalPicture(0));
        assertEquals(2, history.reward(0));
        assertEquals(Optional.of(other), history.picture(history.columns().get(0), 0));
        assertEquals(
                Optional.of(PICTURE),
                new RunHistory(history).picture(history.columns().get(0), 1));
    }

    @Test
    void descentIsCountedAmongTheParticlesOfTheBeginning() {
        var page = page(families());
        assertTrue(page.contains("2 candidates were denoised"), page);
        assertTrue(page.contains("What you see descends from 1 of the 2."), page);
    }

    @Test
    void decisionsByHandAreCountedWithoutBranches() {
        assertFalse(page(families(new Decision.Branch(0, false))).contains("Steered by hand"));
        assertTrue(page(families(new Decision.Branch(0, false), new Decision.Favour(List.of(0), 2)))
                .contains("decided (once)"));
    }

    /** In some languages formatted numbers have digits of their own, which no program finds again. */
    @Test
    void thePageIsTheSameInAllLanguages() {
        var before = Locale.getDefault();
        var page = page(families());
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals(page, page(families()));
        } finally {
            Locale.setDefault(before);
        }
    }
}
