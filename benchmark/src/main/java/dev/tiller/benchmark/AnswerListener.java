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
import dev.tiller.smc.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Listens for what a run answers with: its best picture, the picture's reward, and what it cost. */
final class AnswerListener implements RunListener {
    private final Map<Integer, Picture> pictures = new HashMap<>();
    /** What the reward said: once, of the slots of now; of an ascent, which answers with its best, every time. */
    private final List<Scores> said = new ArrayList<>();

    private boolean ascends;
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
            if (!ascends) {
                said.clear();
            }
            said.add(new Scores(scored.rewards(), scored.parts()));
        } else if (event instanceof RunEvent.Ascended) {
            ascends = true;
        } else if (event instanceof RunEvent.Resampled resampled) {
            said.replaceAll(scores -> gathered(scores, resampled.ancestors()));
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
        return best().total()[slot];
    }

    Map<String, Double> parts() {
        var values = new LinkedHashMap<String, Double>();
        best().parts().forEach((name, of) -> values.put(name, of[slot]));
        return values;
    }

    private Scores best() {
        return said.stream()
                .reduce((a, b) -> b.total()[slot] > a.total()[slot] || Double.isNaN(a.total()[slot]) ? b : a)
                .orElseThrow();
    }

    private static Scores gathered(Scores scores, int[] slots) {
        var parts = new LinkedHashMap<String, double[]>();
        scores.parts().forEach((name, values) -> parts.put(name, gathered(values, slots)));
        return new Scores(gathered(scores.total(), slots), parts);
    }

    private static double[] gathered(double[] values, int[] slots) {
        return Arrays.stream(slots).mapToDouble(slot -> values[slot]).toArray();
    }

    Cost cost() {
        return cost;
    }
}
