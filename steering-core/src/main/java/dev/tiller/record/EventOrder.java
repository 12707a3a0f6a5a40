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
            require(started.steps() > 0 && started.particles() > 0, "starts a run without steps or particles");
            steps = started.steps();
            population = started.particles();
            phase = Phase.BETWEEN_STEPS;
        } else if (event instanceof Expanded expanded) {
            require(phase != Phase.EXPANDED && lastLocated < nextStep, "expands twice before one step");
            requireStep(expanded.step(), nextStep);
            requireSlots(expanded.parents());
            population = expanded.parents().length;
            phase = Phase.EXPANDED;
        } else if (event instanceof Located located) {
            if (phase != Phase.MOVED || located.step() != nextStep - 1) {
                requireStep(located.step(), nextStep);
            }
            require(located.step() > lastLocated, "tells twice where the particles of one step are");
            requireSize(located.sketches().length);
            for (var sketch : located.sketches()) {
                require(sketch != null, "has a particle without a sketch");
                requireSketch(sketch.length);
            }
            lastLocated = located.step();
        } else if (event instanceof StepDone done) {
            requireStep(done.step(), nextStep);
            require(done.step() < steps, "has step " + done.step() + " of " + steps);
            requireSize(done.logWeights().length);
            nextStep++;
            phase = Phase.MOVED;
        } else if (event instanceof Scored scored) {
            require(phase == Phase.MOVED, "scores where no step was made");
            requireStep(scored.step(), nextStep - 1);
            requireSize(scored.rewards().length);
            requireSize(scored.logWeights().length);
            scored.parts().values().forEach(part -> requireSize(part.length));
            phase = Phase.SCORED;
        } else if (event instanceof HeldOut held) {
            requireScored(held.step());
            held.rewards().values().forEach(part -> requireSize(part.length));
        } else if (event instanceof Ascended ascended) {
            requireScored(ascended.step());
            requireSize(ascended.gradientNorms().length);
            requireSize(ascended.priors().length);
        } else if (event instanceof Resampled resampled) {
            requireScored(resampled.step());
            requireSlots(resampled.ancestors());
            population = resampled.ancestors().length;
            requireSize(resampled.logWeights().length);
            phase = Phase.BETWEEN_STEPS;
        } else if (event instanceof Intervened intervened) {
            require(phase != Phase.EXPANDED && lastLocated < nextStep, "intervenes in the middle of a step");
            requireStep(intervened.step(), nextStep);
            requireSlots(intervened.ancestors());
            population = intervened.ancestors().length;
            requireSize(intervened.logWeights().length);
            phase = Phase.BETWEEN_STEPS;
        } else if (event instanceof Previewed previewed) {
            require(previewed.slot() >= 0 && previewed.slot() < population, "shows slot " + previewed.slot());
            require(isSha256(previewed.sha256()), "names a picture that is not a SHA-256");
        } else if (event instanceof Warned warned) {
            var slot = warned.slot();
            require(slot == null || (slot >= 0 && slot < population), "warns of slot " + slot);
        } else if (event instanceof RunEnded ended) {
            require(
                    phase != Phase.EXPANDED || ended.outcome() instanceof RunEvent.Outcome.Failed,
                    "ends in the middle of a step");
            requireSlots(ended.order());
            phase = Phase.ENDED;
        }
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
