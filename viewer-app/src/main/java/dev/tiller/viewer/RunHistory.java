// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.HeldOutAlarm;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Ascended;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.HeldOut;
import dev.tiller.run.RunEvent.Intervened;
import dev.tiller.run.RunEvent.Located;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What has happened in a run so far, gathered from its events. */
public final class RunHistory implements RunListener {
    /**
     * The particles at a step where they were scored.
     *
     * @param step counting from 0
     * @param rewards one for each slot, NaN where scoring failed
     * @param rewardParts the rewards that make these up, by name
     * @param weights normalised to sum 1, after the scores were paid in
     * @param ess of these weights
     * @param parents for each slot the one of the column before that it descends from; of the first column, the slot it
     *     began in
     */
    public record Column(
            int step,
            double[] rewards,
            Map<String, double[]> rewardParts,
            double[] weights,
            double ess,
            int[] parents) {}

    /**
     * One point of the ESS curve.
     *
     * @param step counting from 0
     * @param particles how many there were
     * @param resampled whether they were resampled, at this ess
     * @param after the effective sample size with which the run goes on: of those that were chosen, where it was resampled
     * @param logEvidence the estimate of log Z before this step was scored; NaN if the method gives none
     */
    public record Ess(int step, double ess, int particles, boolean resampled, double after, double logEvidence) {}

    /**
     * One number of each particle over the steps where it was told.
     *
     * @param name what it is, such as a reward's name
     */
    public record Curve(String name, List<Point> points) {}

    /**
     * @param column the particles, with their step and descent
     * @param values one for each slot of the column; NaN where there is none
     */
    public record Point(Column column, double[] values) {}

    /**
     * Where the particles were after a move.
     *
     * @param step counting from 0
     * @param sketches of each slot's predicted clean sample, none where it has not moved
     * @param parents for each slot the one of the place before that it descends from; of the first, the slot it began in
     */
    public record Place(int step, double[][] sketches, int[] parents) {}

    private @Nullable RunStarted start;
    private @Nullable RunEnded end;
    private final List<Column> columns = new ArrayList<>();
    private final Map<String, List<Point>> parts = new LinkedHashMap<>();
    private final Map<String, List<Point>> heldOut = new LinkedHashMap<>();
    private final List<Point> gradientNorms = new ArrayList<>();
    private final List<Point> priors = new ArrayList<>();
    private final List<Ess> ess = new ArrayList<>();
    private final List<Warned> warnings = new ArrayList<>();
    private final List<Decision.At> interventions = new ArrayList<>();
    private final Map<Integer, Map<Integer, String>> previews = new HashMap<>();
    private final Map<Integer, Map<Integer, String>> noisy = new HashMap<>();
    private final Map<Integer, String> finals = new HashMap<>();
    /** The final pictures by the slots of the last column, where they were seen before some of those were dropped. */
    private final Map<Integer, String> judged = new HashMap<>();

    private final List<Place> places = new ArrayList<>();
    private Cost cost = Cost.NONE;
    private int[] sinceColumn = {};
    private int[] sincePlace = {};

    /** Nothing has happened yet. */
    public RunHistory() {}

    /** What has happened so far, which does not change when more happens there. */
    public RunHistory(RunHistory other) {
        start = other.start;
        end = other.end;
        columns.addAll(other.columns);
        other.parts.forEach((name, points) -> parts.put(name, new ArrayList<>(points)));
        other.heldOut.forEach((name, points) -> heldOut.put(name, new ArrayList<>(points)));
        gradientNorms.addAll(other.gradientNorms);
        priors.addAll(other.priors);
        ess.addAll(other.ess);
        warnings.addAll(other.warnings);
        other.previews.forEach((step, slots) -> previews.put(step, new HashMap<>(slots)));
        other.noisy.forEach((step, slots) -> noisy.put(step, new HashMap<>(slots)));
        finals.putAll(other.finals);
        judged.putAll(other.judged);
        places.addAll(other.places);
        interventions.addAll(other.interventions);
        cost = other.cost;
        sinceColumn = other.sinceColumn;
        sincePlace = other.sincePlace;
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunStarted started) {
            start = started;
            sinceColumn = IntStream.range(0, started.particles()).toArray();
            sincePlace = sinceColumn;
        } else if (event instanceof Expanded expanded) {
            descend(expanded.parents());
        } else if (event instanceof Located located) {
            places.add(new Place(located.step(), located.sketches(), sincePlace));
            sincePlace = IntStream.range(0, sincePlace.length).toArray();
        } else if (event instanceof StepDone done) {
            cost = done.cost();
            ess.add(new Ess(done.step(), done.ess(), sinceColumn.length, false, done.ess(), done.logEvidence()));
        } else if (event instanceof Scored scored) {
            columns.add(new Column(
                    scored.step(),
                    scored.rewards(),
                    scored.parts(),
                    normalised(scored.logWeights()),
                    scored.ess(),
                    sinceColumn));
            sinceColumn = IntStream.range(0, scored.rewards().length).toArray();
            tell(parts, scored.parts());
            weigh(scored.ess(), false, scored.ess());
        } else if (event instanceof HeldOut held) {
            tell(heldOut, held.rewards());
        } else if (event instanceof Ascended ascended) {
            gradientNorms.add(new Point(lastColumn(), ascended.gradientNorms()));
            priors.add(new Point(lastColumn(), ascended.priors()));
        } else if (event instanceof Resampled resampled) {
            weigh(resampled.essBefore(), true, size(normalised(resampled.logWeights())));
            descend(resampled.ancestors());
        } else if (event instanceof Intervened intervened) {
            interventions.add(new Decision.At(intervened.step(), intervened.decision()));
            descend(intervened.ancestors());
        } else if (event instanceof Previewed previewed) {
            pictures(previewed.stage(), previewed.step()).put(previewed.slot(), previewed.sha256());
        } else if (event instanceof Warned warned) {
            warnings.add(warned);
        } else if (event instanceof RunEnded ended) {
            end = ended;
            cost = ended.cost();
        }
    }

    /** What is known of the last step is now known better. */
    private void weigh(double size, boolean resampled, double after) {
        var last = ess.get(ess.size() - 1);
        ess.set(ess.size() - 1, new Ess(last.step(), size, sinceColumn.length, resampled, after, last.logEvidence()));
    }

    private void tell(Map<String, List<Point>> curves, Map<String, double[]> values) {
        values.forEach((name, of) ->
                curves.computeIfAbsent(name, n -> new ArrayList<>()).add(new Point(lastColumn(), of)));
    }

    private Column lastColumn() {
        return columns.get(columns.size() - 1);
    }

    private void descend(int[] parents) {
        if (!finals.isEmpty()) {
            judged.putAll(finals);
            finals.clear();
            for (int slot = 0; slot < parents.length; slot++) {
                var inherited = judged.get(parents[slot]);
                if (inherited != null) {
                    finals.put(slot, inherited);
                }
            }
        }
        sinceColumn = led(parents, sinceColumn);
        sincePlace = led(parents, sincePlace);
    }

    private static int[] led(int[] parents, int[] before) {
        return IntStream.of(parents).map(parent -> before[parent]).toArray();
    }

    private Map<Integer, String> pictures(Stage stage, int step) {
        return stage == Stage.FINAL
                ? finals
                : (stage == Stage.NOISY ? noisy : previews).computeIfAbsent(step, s -> new HashMap<>());
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

    /** The effective sample size of normalised weights; 0 where all are. */
    private static double size(double[] weights) {
        double squares = DoubleStream.of(weights).map(w -> w * w).sum();
        return squares == 0 ? 0 : 1 / squares;
    }

    private RunStarted started() {
        if (start == null) {
            throw new IllegalStateException("no event was heard yet");
        }
        return start;
    }

    /** Whether anything was heard. */
    public boolean begun() {
        return start != null;
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

    /** The rewards that make up the total, one curve for each. */
    public List<Curve> rewardParts() {
        return curves(parts);
    }

    /** The rewards that nobody steers by, one curve for each. */
    public List<Curve> heldOut() {
        return curves(heldOut);
    }

    /** The norm of each particle's gradient before clipping; without points where no gradient was followed. */
    public Curve gradientNorms() {
        return new Curve("gradient norm", Collections.unmodifiableList(gradientNorms));
    }

    /** What each particle pays for leaving the noise prior; without points where no gradient was followed. */
    public Curve priors() {
        return new Curve("prior", Collections.unmodifiableList(priors));
    }

    private static List<Curve> curves(Map<String, List<Point>> points) {
        return points.entrySet().stream()
                .map(e -> new Curve(e.getKey(), Collections.unmodifiableList(e.getValue())))
                .toList();
    }

    /**
     * The step at which the alarm was raised: the steered reward has risen while this one fell beyond its noise.
     *
     * @param curve one of {@link #heldOut()}
     */
    public OptionalInt gamedAt(Curve curve) {
        var points = curve.points();
        var raised = HeldOutAlarm.DEFAULT.raised(
                points.stream().map(point -> point.column().rewards()).toList(),
                points.stream().map(Point::values).toList());
        return raised.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(points.get(raised.getAsInt()).column().step());
    }

    /** Whether the particles are noises that climb, each answering the best that it has been. */
    public boolean isAscent() {
        return !gradientNorms.isEmpty();
    }

    /** Where the particles were, one for each step; empty where the record does not say. */
    public List<Place> places() {
        return Collections.unmodifiableList(places);
    }

    /** For each slot of now, that of the last place that it descends from. */
    int[] inLastPlace() {
        return sincePlace;
    }

    /** One point for each step. */
    public List<Ess> ess() {
        return Collections.unmodifiableList(ess);
    }

    /** The warnings in sentences; those that say the same of a particle are one. */
    public List<String> warned() {
        var times = new LinkedHashMap<String, Integer>();
        warnings.forEach(w -> times.merge(
                (w.slot() == null ? "" : "Particle " + (w.slot() + 1) + ": ") + w.message(), 1, Integer::sum));
        return times.entrySet().stream()
                .map(e -> e.getKey() + (e.getValue() > 1 ? " (" + e.getValue() + " times)" : ""))
                .toList();
    }

    /** In a sentence for each held-out reward that fell beyond its noise while the other rose. */
    public List<String> gamed() {
        return heldOut().stream()
                .flatMap(judge -> gamedAt(judge).stream()
                        .mapToObj(step -> "The reward is being gamed: up to step " + (step + 1) + " it rose while "
                                + judge.name() + ", which nobody steered by, fell beyond its noise."))
                .toList();
    }

    /** What people decided. */
    public Interventions interventions() {
        return new Interventions(interventions);
    }

    /** The SHA-256 of the picture of a particle's predicted clean sample. */
    public Optional<String> preview(int step, int slot) {
        return Optional.ofNullable(previews.getOrDefault(step, Map.of()).get(slot));
    }

    /** The SHA-256 of the picture of a particle with the noise that it had at the beginning of a step. */
    public Optional<String> noisyPicture(int step, int slot) {
        return Optional.ofNullable(noisy.getOrDefault(step, Map.of()).get(slot));
    }

    /** Whether there is any {@link #noisyPicture}. */
    public boolean hasNoisyPictures() {
        return !noisy.isEmpty();
    }

    /** The final slots, best first; empty until the run has ended. */
    public List<Integer> order() {
        return end == null ? List.of() : IntStream.of(end.order()).boxed().toList();
    }

    /** The SHA-256 of the final picture of a slot. */
    public Optional<String> finalPicture(int slot) {
        return Optional.ofNullable(finals.get(slot));
    }

    /** The SHA-256 of what a slot of a column was about to become; at the last step, of what it became. */
    public Optional<String> picture(Column at, int slot) {
        return preview(at.step(), slot).or(() -> at.step() == steps() - 1 ? became(slot) : Optional.empty());
    }

    /** Final pictures are those of the slots of the end, which need not be those of the last column; empty if it was dropped. */
    private Optional<String> became(int slot) {
        return Optional.ofNullable(judged.get(slot))
                .or(() -> IntStream.range(0, sinceColumn.length)
                        .filter(now -> sinceColumn[now] == slot)
                        .boxed()
                        .findFirst()
                        .flatMap(this::finalPicture));
    }

    /** The slot of the last column that a slot of now descends from. */
    public int inLastColumn(int slot) {
        return sinceColumn[slot];
    }

    /**
     * The reward of a slot of now when it, or its ancestor, was last scored; where noise was optimised, when it was at its
     * best, for that is what an ascent answers with. NaN if it never was scored.
     */
    public double reward(int slot) {
        return columnOf(slot).map(column -> column.rewards()[sinceColumn[slot]]).orElse(Double.NaN);
    }

    /** The rewards that make up {@link #reward}, by name; empty if it never was scored. */
    public Map<String, Double> parts(int slot) {
        var parts = new LinkedHashMap<String, Double>();
        columnOf(slot)
                .ifPresent(column ->
                        column.rewardParts().forEach((name, values) -> parts.put(name, values[sinceColumn[slot]])));
        return parts;
    }

    private Optional<Column> columnOf(int slot) {
        if (columns.isEmpty()) {
            return Optional.empty();
        }
        var last = columns.get(columns.size() - 1);
        // The first of equal ones, as ascents have it; slots stay what they are in an ascent.
        return !isAscent()
                ? Optional.of(last)
                : columns.stream()
                        .filter(column -> Double.isFinite(column.rewards()[slot]))
                        .reduce((a, b) -> b.rewards()[slot] > a.rewards()[slot] ? b : a)
                        .or(() -> Optional.of(last));
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
