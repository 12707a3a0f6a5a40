// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What has happened in a run so far, gathered from its events. */
public final class RunHistory implements RunListener {
    /**
     * The particles at a step where they were scored.
     *
     * @param step counting from 0
     * @param rewards one for each slot, NaN where scoring failed
     * @param weights normalised to sum 1, after the scores were paid in
     * @param ess of these weights
     * @param parents for each slot the one of the column before that it descends from; of the first column, the slot it
     *     began in
     */
    public record Column(int step, double[] rewards, double[] weights, double ess, int[] parents) {}

    /**
     * One point of the ESS curve.
     *
     * @param step counting from 0
     * @param particles how many there were
     * @param resampled whether they were resampled, at this ess
     */
    public record Ess(int step, double ess, int particles, boolean resampled) {}

    private @Nullable RunStarted start;
    private @Nullable RunEnded end;
    private final List<Column> columns = new ArrayList<>();
    private final List<Ess> ess = new ArrayList<>();
    private final List<Warned> warnings = new ArrayList<>();
    private final Map<Integer, Map<Integer, String>> previews = new HashMap<>();
    private final Map<Integer, String> finals = new HashMap<>();
    private Cost cost = Cost.NONE;
    private int[] sinceColumn = {};

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunStarted started) {
            start = started;
            sinceColumn = IntStream.range(0, started.particles()).toArray();
        } else if (event instanceof Expanded expanded) {
            descend(expanded.parents());
        } else if (event instanceof StepDone done) {
            cost = done.cost();
            ess.add(new Ess(done.step(), done.ess(), sinceColumn.length, false));
        } else if (event instanceof Scored scored) {
            columns.add(new Column(
                    scored.step(), scored.rewards(), normalised(scored.logWeights()), scored.ess(), sinceColumn));
            sinceColumn = IntStream.range(0, scored.rewards().length).toArray();
            ess.set(ess.size() - 1, new Ess(scored.step(), scored.ess(), sinceColumn.length, false));
        } else if (event instanceof Resampled resampled) {
            ess.set(ess.size() - 1, new Ess(resampled.step(), resampled.essBefore(), sinceColumn.length, true));
            descend(resampled.ancestors());
        } else if (event instanceof Previewed previewed) {
            (previewed.stage() == Stage.FINAL
                            ? finals
                            : previews.computeIfAbsent(previewed.step(), s -> new HashMap<>()))
                    .put(previewed.slot(), previewed.sha256());
        } else if (event instanceof Warned warned) {
            warnings.add(warned);
        } else if (event instanceof RunEnded ended) {
            end = ended;
            cost = ended.cost();
        }
    }

    private void descend(int[] parents) {
        var before = sinceColumn;
        sinceColumn = IntStream.of(parents).map(parent -> before[parent]).toArray();
    }

    private static double[] normalised(double[] logWeights) {
        double max = IntStream.range(0, logWeights.length)
                .mapToDouble(i -> logWeights[i])
                .filter(w -> !Double.isNaN(w))
                .max()
                .orElse(Double.NEGATIVE_INFINITY);
        if (Double.isInfinite(max)) {
            return new double[logWeights.length];
        }
        var weights = new double[logWeights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Double.isNaN(logWeights[i]) ? 0 : Math.exp(logWeights[i] - max);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    private RunStarted started() {
        if (start == null) {
            throw new IllegalStateException("no event was heard yet");
        }
        return start;
    }

    public RunManifest manifest() {
        return started().manifest();
    }

    /** How many steps the run has or should have. */
    public int steps() {
        return started().steps();
    }

    /** How many particles it began with. */
    public int particles() {
        return started().particles();
    }

    /** How many particles there are now. */
    public int alive() {
        return sinceColumn.length;
    }

    public Cost cost() {
        return cost;
    }

    /** Empty while the run goes on, and after a kill. */
    public Optional<Outcome> outcome() {
        return Optional.ofNullable(end).map(RunEnded::outcome);
    }

    /** Estimate of log Z; empty if the method gives none or the run has not ended. */
    public OptionalDouble logEvidence() {
        return end == null || Double.isNaN(end.logEvidence())
                ? OptionalDouble.empty()
                : OptionalDouble.of(end.logEvidence());
    }

    /** The steps at which particles were scored, in order. */
    public List<Column> columns() {
        return Collections.unmodifiableList(columns);
    }

    /** One point for each step. */
    public List<Ess> ess() {
        return Collections.unmodifiableList(ess);
    }

    public List<Warned> warnings() {
        return Collections.unmodifiableList(warnings);
    }

    /** The SHA-256 of the picture of a particle's predicted clean sample. */
    public Optional<String> preview(int step, int slot) {
        return Optional.ofNullable(previews.getOrDefault(step, Map.of()).get(slot));
    }

    /** The final slots, best first; empty until the run has ended. */
    public List<Integer> order() {
        return end == null ? List.of() : IntStream.of(end.order()).boxed().toList();
    }

    /** The SHA-256 of the final picture of a slot. */
    public Optional<String> finalPicture(int slot) {
        return Optional.ofNullable(finals.get(slot));
    }

    /** The slot of the last column that a slot of now descends from. */
    public int inLastColumn(int slot) {
        return sinceColumn[slot];
    }

    /** The reward of a slot of now when it, or its ancestor, was last scored; NaN if it never was. */
    public double reward(int slot) {
        return columns.isEmpty() ? Double.NaN : columns.get(columns.size() - 1).rewards()[sinceColumn[slot]];
    }

    /** The best reward of the particles of now; NaN if there is none. */
    public double bestReward() {
        return IntStream.range(0, sinceColumn.length)
                .mapToDouble(this::reward)
                .filter(r -> !Double.isNaN(r))
                .max()
                .orElse(Double.NaN);
    }
}
