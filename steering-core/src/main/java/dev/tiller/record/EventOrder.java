// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Ascended;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.HeldOut;
import dev.tiller.run.RunEvent.Intervened;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import dev.tiller.run.RunListener;

/**
 * Holds events to the order that {@link RunEvent} promises, and their arrays to the size of the population, so that
 * whoever listens behind it need not check.
 */
public final class EventOrder implements RunListener {
    private enum Phase {
        NOTHING,
        BETWEEN_STEPS,
        EXPANDED,
        MOVED,
        SCORED,
        ENDED
    }

    private Phase phase = Phase.NOTHING;
    private int steps;
    private int nextStep;
    private int population;
    private int sketchLength;
    private int lastLocated = -1;

    /** @throws IllegalArgumentException saying what is out of place, as the rest of a sentence */
    @Override
    public void on(RunEvent event) {
        var name = event.getClass().getSimpleName();
        require(
                (phase == Phase.NOTHING) == (event instanceof RunStarted) && phase != Phase.ENDED,
                "has " + name + " where " + (phase == Phase.NOTHING ? "RunStarted belongs" : "it cannot be"));
        if (event instanceof RunStarted started) {
            started(started);
        } else if (event instanceof Expanded expanded) {
            expanded(expanded);
        } else if (event instanceof Located located) {
            located(located);
        } else if (event instanceof StepDone done) {
            moved(done);
        } else if (event instanceof Scored scored) {
            scored(scored);
        } else if (event instanceof HeldOut held) {
            requireScored(held.step());
            held.rewards().values().forEach(part -> requireSize(part.length));
        } else if (event instanceof Ascended ascended) {
            requireScored(ascended.step());
            requireSize(ascended.gradientNorms().length);
            requireSize(ascended.priors().length);
        } else if (event instanceof Resampled resampled) {
            requireScored(resampled.step());
            descended(resampled.ancestors(), resampled.logWeights());
        } else if (event instanceof Intervened intervened) {
            require(phase != Phase.EXPANDED && lastLocated < nextStep, "intervenes in the middle of a step");
            requireStep(intervened.step(), nextStep);
            descended(intervened.ancestors(), intervened.logWeights());
        } else if (event instanceof Previewed previewed) {
            require(previewed.slot() >= 0 && previewed.slot() < population, "shows slot " + previewed.slot());
            require(isSha256(previewed.sha256()), "names a picture that is not a SHA-256");
        } else if (event instanceof Warned warned) {
            var slot = warned.slot();
            require(slot == null || (slot >= 0 && slot < population), "warns of slot " + slot);
        } else if (event instanceof RunEnded ended) {
            ended(ended);
        }
    }

    private void started(RunStarted event) {
        require(event.steps() > 0 && event.particles() > 0, "starts a run without steps or particles");
        steps = event.steps();
        population = event.particles();
        phase = Phase.BETWEEN_STEPS;
    }

    private void expanded(Expanded event) {
        require(phase != Phase.EXPANDED && lastLocated < nextStep, "expands twice before one step");
        requireStep(event.step(), nextStep);
        requireSlots(event.parents());
        population = event.parents().length;
        phase = Phase.EXPANDED;
    }

    private void located(Located event) {
        if (phase != Phase.MOVED || event.step() != nextStep - 1) {
            requireStep(event.step(), nextStep);
        }
        require(event.step() > lastLocated, "tells twice where the particles of one step are");
        requireSize(event.sketches().length);
        for (var sketch : event.sketches()) {
            require(sketch != null, "has a particle without a sketch");
            requireSketch(sketch.length);
        }
        lastLocated = event.step();
    }

    private void moved(StepDone event) {
        requireStep(event.step(), nextStep);
        require(event.step() < steps, "has step " + event.step() + " of " + steps);
        requireSize(event.logWeights().length);
        nextStep++;
        phase = Phase.MOVED;
    }

    private void scored(Scored event) {
        require(phase == Phase.MOVED, "scores where no step was made");
        requireStep(event.step(), nextStep - 1);
        requireSize(event.rewards().length);
        requireSize(event.logWeights().length);
        event.parts().values().forEach(part -> requireSize(part.length));
        phase = Phase.SCORED;
    }

    /** The population is now copies of these slots. */
    private void descended(int[] ancestors, double[] logWeights) {
        requireSlots(ancestors);
        population = ancestors.length;
        requireSize(logWeights.length);
        phase = Phase.BETWEEN_STEPS;
    }

    private void ended(RunEnded event) {
        require(
                phase != Phase.EXPANDED || event.outcome() instanceof RunEvent.Outcome.Failed,
                "ends in the middle of a step");
        requireSlots(event.order());
        phase = Phase.ENDED;
    }

    /** Whether the run has ended; a log of a killed run has not. */
    public boolean ended() {
        return phase == Phase.ENDED;
    }

    private void requireScored(int step) {
        require(phase == Phase.SCORED, "builds on a scoring that did not happen");
        requireStep(step, nextStep - 1);
    }

    private void requireStep(int step, int expected) {
        require(step == expected, "has step " + step + " where " + expected + " belongs");
    }

    private void requireSize(int size) {
        require(size == population, "has " + size + " values for " + population + " particles");
    }

    private static boolean isSha256(String text) {
        if (text.length() != 64) {
            return false;
        }
        // Not a regular expression: logs are full of these.
        for (int i = 0; i < 64; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private void requireSketch(int length) {
        require(
                length == 0 || sketchLength == 0 || length == sketchLength,
                "has a sketch of " + length + " numbers among those of " + sketchLength);
        sketchLength = Math.max(sketchLength, length);
    }

    private void requireSlots(int[] slots) {
        for (int slot : slots) {
            require(slot >= 0 && slot < population, "names slot " + slot + " of " + population);
        }
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(problem);
        }
    }
}
