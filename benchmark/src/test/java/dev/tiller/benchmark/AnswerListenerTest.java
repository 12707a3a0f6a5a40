// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tiller.method.PictureViewer.Pixels;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerListenerTest {
    private static AnswerListener heard(RunEvent... events) {
        var listener = new AnswerListener();
        var audience = listener.audience(new RunManifest("", 0, Map.of(), List.of(), Map.of(), ""));
        for (int slot = 0; slot < 3; slot++) {
            var pixel = new byte[] {(byte) slot, 0, 0};
            audience.pictures().see(Stage.CLEAN, 3, slot, new Pixels(1, 1, new byte[] {9, 9, 9}));
            audience.pictures().see(Stage.FINAL, 4, slot, new Pixels(1, 1, pixel));
        }
        for (var event : events) {
            audience.listeners().forEach(l -> l.on(event));
        }
        return listener;
    }

    private static RunEvent ended(int... order) {
        return new RunEvent.RunEnded(new Outcome.Completed(), order, 0, new Cost(5, 4, 3, 2));
    }

    @Test
    void theAnswerIsTheFirstInOrder() {
        var listener = heard(ended(1, 2, 0));
        assertEquals(1, listener.slot());
        assertEquals(1, listener.picture().rgb()[0]);
        assertEquals(5, listener.cost().networkEvaluations());
    }

    /** As the books of reference-2025 do; the order is that of the copies. */
    @Test
    void whatIsResampledAtTheEndIsFollowed() {
        var resampled = new RunEvent.Resampled(4, new int[] {2, 0, 2}, new double[3], 1);
        assertEquals(0, heard(resampled, ended(1, 0, 2)).picture().rgb()[0]);
        assertEquals(2, heard(resampled, ended(0, 2, 1)).picture().rgb()[0]);
    }

    @Test
    void whatDidNotEndHasNoAnswer() {
        var cancelled = new RunEvent.RunEnded(new Outcome.Cancelled(2), new int[] {0, 1, 2}, 0, Cost.NONE);
        assertThrows(TillerException.class, () -> heard(cancelled).picture());
    }
}
