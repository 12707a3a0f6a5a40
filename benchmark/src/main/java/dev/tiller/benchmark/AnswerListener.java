// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.Audience;
import dev.tiller.record.Picture;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Listens for what a run answers with: its best picture, what it cost, and what went wrong on the way. */
final class AnswerListener implements RunListener {
    private final Map<Integer, Picture> pictures = new HashMap<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private int slot = -1;
    private Cost cost = Cost.NONE;

    Audience audience(RunManifest manifest) {
        return new Audience(
                manifest,
                (stage, step, of, pixels) -> {
                    if (stage == Stage.FINAL) {
                        pictures.put(of, new Picture(pixels.width(), pixels.height(), pixels.rgb8()));
                    }
                },
                List.of(this));
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.Resampled resampled) {
            descend(resampled.ancestors());
        } else if (event instanceof RunEvent.Warned warned) {
            warnings.add(warned.message());
        } else if (event instanceof RunEvent.RunEnded ended) {
            if (ended.outcome() instanceof Outcome.Completed && ended.order().length > 0) {
                slot = ended.order()[0];
            }
            cost = ended.cost();
        }
    }

    /** The books of reference-2025 may resample after the last pictures, too. */
    private void descend(int[] ancestors) {
        var before = Map.copyOf(pictures);
        pictures.clear();
        for (int i = 0; i < ancestors.length; i++) {
            var inherited = before.get(ancestors[i]);
            if (inherited != null) {
                pictures.put(i, inherited);
            }
        }
    }

    /** The best particle. */
    int slot() {
        return slot;
    }

    /** Its final picture. */
    Picture picture() {
        var picture = pictures.get(slot);
        if (picture == null) {
            throw new TillerException("The run has no final picture.");
        }
        return picture;
    }

    Cost cost() {
        return cost;
    }

    /** Such as that an ascent ended by a gradient that is no number; each once, whichever particles it was. */
    Set<String> warnings() {
        return warnings;
    }
}
