// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every method owes to those who listen to its runs: the order in {@link RunEvent}. It enrols by a subclass. */
public abstract class ListenerLaws {
    /**
     * The order, one letter for an event: sT(art) X(panded) D(one) W(arned) P(reviewed) S(cored) H(eld out) A(scended)
     * R(esampled) E(nded).
     */
    private static final Pattern COMPLETE = Pattern.compile("T(X?DW*(P*S[HAWP]*R?)?)*P*E");

    private static final Pattern FAILED = Pattern.compile("T(X?DW*(P*S[HAWP]*R?)?)*(X?P*|X?DW*P*(S[HAWP]*)?)E");

    /** A fresh run, the same at each call, of at least two steps; it has told the listener of its start. */
    protected abstract Run start(RunListener listener);

    @Test
    void aCompleteRunKeepsTheOrder() {
        var heard = new ArrayList<RunEvent>();
        try (var run = start(heard::add)) {
            run.finish();
            assertEnded(heard, RunEvent.Outcome.Completed.class);
        }
        assertTrue(COMPLETE.matcher(letters(heard)).matches(), letters(heard));
        assertEnded(heard, RunEvent.Outcome.Completed.class);
        long done = heard.stream().filter(RunEvent.StepDone.class::isInstance).count();
        assertEquals(((RunEvent.RunStarted) heard.get(0)).steps(), done);
    }

    @Test
    void everyArrayHasThePopulationsSize() {
        var heard = new ArrayList<RunEvent>();
        try (var run = start(heard::add)) {
            run.finish();
        }
        int n = ((RunEvent.RunStarted) heard.get(0)).particles();
        int step = -1;
        for (var event : heard) {
            if (event instanceof RunEvent.Expanded e) {
                assertSlots(e.parents(), n);
                n = e.parents().length;
                assertEquals(step + 1, e.step());
            } else if (event instanceof RunEvent.StepDone e) {
                assertEquals(n, e.logWeights().length);
                assertEquals(++step, e.step());
                assertTrue(e.ess() >= 0 && e.ess() <= n + 1e-9, "ESS " + e.ess());
            } else if (event instanceof RunEvent.Scored e) {
                assertEquals(n, e.rewards().length);
                assertEquals(n, e.logWeights().length);
                e.parts().values().forEach(part -> assertEquals(e.rewards().length, part.length));
                assertEquals(step, e.step());
            } else if (event instanceof RunEvent.HeldOut e) {
                int size = n;
                e.rewards().values().forEach(rewards -> assertEquals(size, rewards.length));
                assertEquals(step, e.step());
            } else if (event instanceof RunEvent.Ascended e) {
                assertEquals(n, e.gradientNorms().length);
                assertEquals(n, e.priors().length);
                assertEquals(step, e.step());
            } else if (event instanceof RunEvent.Resampled e) {
                assertSlots(e.ancestors(), n);
                n = e.ancestors().length;
                assertEquals(n, e.logWeights().length);
                assertEquals(step, e.step());
            } else if (event instanceof RunEvent.RunEnded e) {
                assertSlots(e.order(), n);
                assertEquals(n, e.order().length);
                assertEquals(n, java.util.Arrays.stream(e.order()).distinct().count());
            }
        }
    }

    @Test
    void aRunThatIsClosedEarlyIsCancelled() {
        var heard = new ArrayList<RunEvent>();
        try (var run = start(heard::add)) {
            run.next();
        }
        assertTrue(COMPLETE.matcher(letters(heard)).matches(), letters(heard));
        assertEquals(1, assertEnded(heard, RunEvent.Outcome.Cancelled.class).step());
    }

    @Test
    void aRunThatBreaksSaysSoOnceAndThrows() {
        for (int bad = 1; ; bad++) {
            var heard = new ArrayList<RunEvent>();
            int last = bad;
            var run = start(event -> {
                heard.add(event);
                if (heard.size() == last + 1 && !(event instanceof RunEvent.RunEnded)) {
                    throw new IllegalArgumentException("the listener is tired");
                }
            });
            try (run) {
                if (reachesTheEnd(run)) {
                    return;
                }
                assertEquals(false, run.hasNext());
            }
            assertTrue(FAILED.matcher(letters(heard)).matches(), letters(heard));
            assertEquals(
                    "the listener is tired",
                    assertEnded(heard, RunEvent.Outcome.Failed.class).message());
        }
    }

    @Test
    void theSameRunTellsTheSame() {
        assertEquals(told(), told());
    }

    private String told() {
        var heard = new ArrayList<RunEvent>();
        try (var run = start(heard::add)) {
            run.finish();
        }
        return heard.stream().map(EventText::of).collect(Collectors.joining("\n"));
    }

    private static boolean reachesTheEnd(Run run) {
        try {
            run.finish();
            return true;
        } catch (IllegalArgumentException e) {
            assertNotNull(e.getMessage());
            assertThrows(java.util.NoSuchElementException.class, run::next);
            return false;
        }
    }

    private static <O extends RunEvent.Outcome> O assertEnded(List<RunEvent> heard, Class<O> outcome) {
        var ended = heard.stream().filter(RunEvent.RunEnded.class::isInstance).toList();
        assertEquals(1, ended.size());
        return assertInstanceOf(outcome, ((RunEvent.RunEnded) ended.get(0)).outcome());
    }

    private static void assertSlots(int[] slots, int n) {
        for (int slot : slots) {
            assertTrue(slot >= 0 && slot < n, slot + " of " + n);
        }
    }

    private static String letters(List<RunEvent> events) {
        return events.stream()
                .map(event -> switch (event.getClass().getSimpleName()) {
                    case "RunStarted" -> "T";
                    case "Expanded" -> "X";
                    case "StepDone" -> "D";
                    case "Warned" -> "W";
                    case "Previewed" -> "P";
                    case "Scored" -> "S";
                    case "HeldOut" -> "H";
                    case "Ascended" -> "A";
                    case "Resampled" -> "R";
                    case "RunEnded" -> "E";
                    default -> "?";
                })
                .collect(Collectors.joining());
    }
}
