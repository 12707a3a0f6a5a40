// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.Audience;
import dev.tiller.record.Picture;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Listens for what a run answers with: its best picture, the picture's reward, and what it cost. */
final class AnswerListener implements RunListener {
    private final Map<Integer, Picture> pictures = new HashMap<>();
    private double[] rewards = new double[0];
    private Map<String, double[]> parts = Map.of();
    private int slot = -1;
    private Cost cost = Cost.NONE;

    Audience audience(RunManifest manifest) {
        return new Audience(
                manifest,
                (stage, step, of, p) -> pictures.put(of, new Picture(p.width(), p.height(), p.rgb8())),
                List.of(this));
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.Scored scored) {
            rewards = scored.rewards();
            parts = scored.parts();
        } else if (event instanceof RunEvent.RunEnded ended) {
            if (ended.outcome() instanceof Outcome.Completed && ended.order().length > 0) {
                slot = ended.order()[0];
            }
            cost = ended.cost();
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

    double reward() {
        return rewards[slot];
    }

    Map<String, Double> parts() {
        var values = new LinkedHashMap<String, Double>();
        parts.forEach((name, of) -> values.put(name, of[slot]));
        return values;
    }

    Cost cost() {
        return cost;
    }
}
