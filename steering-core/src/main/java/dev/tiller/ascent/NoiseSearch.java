// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Search for noise by trial, for rewards without gradient (Ma et al. 2025, "Inference-time scaling for diffusion models
 * beyond scaling denoising steps"). Each pivot p is compared with candidates, fresh noise or neighbours on its own sphere
 * at a given cosine c,
 *
 * <pre>
 * y = |p| (c p / |p| + sqrt(1 - c²) w),   w a random unit vector orthogonal to p
 * </pre>
 *
 * and the best of them is the next pivot; unlike in the paper a pivot stays if none of its candidates is better, and the
 * first of equal ones wins. In the words of {@link RunEvent}: before an iteration each pivot expands to itself and its
 * candidates, all are scored (the pivot by what is known of it), and the population is resampled to the best of each family.
 *
 * @param <X> the batch of noise
 */
public final class NoiseSearch<X extends Vectors<X>> extends IterativeRun<SearchSnapshot<X>> {
    private final NoiseSource<X> source;
    private final Objective<? super X> objective;
    private final SearchPlan plan;
    private final Key key;
    private final Cost costBefore;

    private NoiseSearch(
            NoiseSource<X> source,
            Objective<? super X> objective,
            SearchPlan plan,
            Key key,
            SearchSnapshot<X> state,
            List<RunListener> listeners) {
        super(state, listeners);
        this.source = source;
        this.objective = objective;
        this.plan = plan;
        this.key = key;
        this.costBefore = objective.cost().minus(state.cost());
    }

    /**
     * A search from fresh pivots.
     *
     * @param objective from noise to reward; it is told the iteration as its step
     * @param key the one source of randomness
     * @param manifest told to the listeners first
     */
    public static <X extends Vectors<X>> NoiseSearch<X> start(
            NoiseSource<X> source,
            Objective<? super X> objective,
            SearchPlan plan,
            Key key,
            RunManifest manifest,
            RunListener... listeners) {
        var state = new SearchSnapshot<>(0, source.draw(plan.pivots(), key.at(0)), Scores.of(), Cost.NONE);
        var run = new NoiseSearch<>(source, objective, plan, key, state, List.of(listeners));
        try {
            run.emit(new RunEvent.RunStarted(manifest, plan.iterations(), plan.pivots()));
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
        return run;
    }

    /** Goes on from a snapshot, which stays the caller's; everything that follows is equal to the bit. */
    public static <X extends Vectors<X>> NoiseSearch<X> resume(
            SearchSnapshot<X> from,
            NoiseSource<X> source,
            Objective<? super X> objective,
            SearchPlan plan,
            Key key,
            RunListener... listeners) {
        var copy = new SearchSnapshot<>(from.step(), from.pivots().copy(), from.scores(), from.cost());
        return new NoiseSearch<>(source, objective, plan, key, copy, List.of(listeners));
    }

    /** Where the run stands, with the best noise so far; the run's own, valid until its next step or its close. */
    public SearchSnapshot<X> snapshot() {
        return state();
    }

    @Override
    boolean goesOn(SearchSnapshot<X> from) {
        return from.step() < plan.iterations();
    }

    @Override
    SearchSnapshot<X> advance(SearchSnapshot<X> from) {
        int step = from.step();
        if (step == 0) {
            tellMoved(step, plan.pivots());
            var scores = objective.score(step, from.pivots());
            tellScored(step, scores);
            requireSome(scores, step);
            return new SearchSnapshot<>(1, from.pivots().copy(), scores, cost());
        }
        int family = plan.candidates() + 1;
        emit(new RunEvent.Expanded(
                step,
                IntStream.range(0, plan.pivots() * family).map(i -> i / family).toArray()));
        try (X candidates = candidates(from.pivots(), step)) {
            tellMoved(step, plan.pivots() * family);
            var scores = merged(from.scores(), objective.score(step, candidates));
            tellScored(step, scores);
            requireSome(scores, step);
            var best = IntStream.range(0, plan.pivots())
                    .map(pivot -> best(scores.total(), pivot * family, family))
                    .toArray();
            emit(new RunEvent.Resampled(step, best, new double[plan.pivots()], (double) plan.pivots() * family));
            return new SearchSnapshot<>(step + 1, chosen(from.pivots(), candidates, best), rows(scores, best), cost());
        }
    }

    /** The candidates of all pivots, those of the first pivot first. */
    private X candidates(X pivots, int step) {
        int n = plan.candidates();
        X fresh = source.draw(plan.pivots() * n, key.at(step));
        if (plan.similarity().isEmpty()) {
            return fresh;
        }
        var of = IntStream.range(0, plan.pivots() * n).map(i -> i / n).toArray();
        double cosine = plan.similarity().getAsDouble();
        if (pivots.dimensions() < 2) {
            fresh.close();
            throw new TillerException("Noise of one number has no neighbours on its sphere; use random search.");
        }
        try (fresh;
                X pivot = pivots.gather(of)) {
            var squares = pivot.dotRows(pivot);
            var along = pivot.dotRows(fresh);
            var towards = IntStream.range(0, of.length)
                    .mapToDouble(i -> -along[i] / squares[i])
                    .toArray();
            try (X across = Rows.add(fresh, towards, pivot);
                    X kept = pivot.times(cosine)) {
                var lengths = Vectors.norms(across);
                var factors = IntStream.range(0, of.length)
                        .mapToDouble(i -> Math.sqrt(squares[i] * (1 - cosine * cosine)) / lengths[i])
                        .toArray();
                return Rows.add(kept, factors, across);
            }
        }
    }

    /** The slot of the largest reward of a family, its pivot first. */
    private static int best(double[] rewards, int first, int size) {
        int best = first;
        for (int slot = first + 1; slot < first + size; slot++) {
            best = worth(rewards[slot]) > worth(rewards[best]) ? slot : best;
        }
        return best;
    }

    private static double worth(double reward) {
        return Double.isFinite(reward) ? reward : Double.NEGATIVE_INFINITY;
    }

    private X chosen(X pivots, X candidates, int[] best) {
        int family = plan.candidates() + 1;
        var stays = new boolean[best.length];
        var rows = new int[best.length];
        for (int pivot = 0; pivot < best.length; pivot++) {
            stays[pivot] = best[pivot] == pivot * family;
            rows[pivot] = pivot * plan.candidates() + Math.max(0, best[pivot] - pivot * family - 1);
        }
        try (X winners = candidates.gather(rows)) {
            return Rows.choose(stays, pivots, winners);
        }
    }

    private void tellMoved(int step, int n) {
        emit(new RunEvent.StepDone(step, new double[n], n, Double.NaN, cost()));
    }

    private void tellScored(int step, Scores scores) {
        int n = scores.total().length;
        emit(new RunEvent.Scored(step, scores.total(), scores.parts(), new double[n], n));
        if (!scores.heldOut().isEmpty()) {
            emit(new RunEvent.HeldOut(step, scores.heldOut()));
        }
        for (int i = 0; i < n; i++) {
            if (!Double.isFinite(scores.total()[i])) {
                emit(new RunEvent.Warned(
                        step,
                        i,
                        "The reward is " + scores.total()[i] + ", no finite number: this noise is passed over."));
            }
        }
    }

    private void requireSome(Scores scores, int step) {
        if (step == plan.iterations() - 1 && Arrays.stream(scores.total()).noneMatch(Double::isFinite)) {
            throw new TillerException("No noise that was tried has a finite reward; look at the reward.");
        }
    }

    /** The scores of families from those of pivots and of candidates. */
    private Scores merged(Scores pivots, Scores candidates) {
        return new Scores(
                merged(pivots.total(), candidates.total()),
                merged(pivots.parts(), candidates.parts()),
                merged(pivots.heldOut(), candidates.heldOut()));
    }

    private Map<String, double[]> merged(Map<String, double[]> pivots, Map<String, double[]> candidates) {
        var all = new LinkedHashMap<String, double[]>();
        candidates.forEach((name, values) -> {
            var known = pivots.get(name);
            all.put(name, merged(known == null ? Slots.filled(plan.pivots(), Double.NaN) : known, values));
        });
        return all;
    }

    private double[] merged(double[] pivots, double[] candidates) {
        int family = plan.candidates() + 1;
        if (candidates.length != plan.pivots() * plan.candidates()) {
            throw new IllegalStateException("the objective gave " + candidates.length + " rewards for "
                    + plan.pivots() * plan.candidates() + " candidates");
        }
        return IntStream.range(0, pivots.length * family)
                .mapToDouble(i ->
                        i % family == 0 ? pivots[i / family] : candidates[i / family * (family - 1) + i % family - 1])
                .toArray();
    }

    private static Scores rows(Scores scores, int[] rows) {
        return new Scores(Slots.of(scores.total(), rows), rows(scores.parts(), rows), rows(scores.heldOut(), rows));
    }

    private static Map<String, double[]> rows(Map<String, double[]> parts, int[] rows) {
        var some = new LinkedHashMap<String, double[]>();
        parts.forEach((name, values) -> some.put(name, Slots.of(values, rows)));
        return some;
    }

    @Override
    StepReport report(SearchSnapshot<X> after) {
        var rewards = after.scores().total();
        double best = StepReport.best(rewards);
        return new StepReport(
                after.step() - 1,
                plan.iterations(),
                rewards.length,
                rewards.length,
                best,
                after.step() > 1,
                after.cost());
    }

    @Override
    int[] order(SearchSnapshot<X> at) {
        var rewards = at.scores().total();
        return IntStream.range(0, plan.pivots())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> rewards.length == 0 ? 0 : -worth(rewards[i])))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    Cost cost() {
        return objective.cost().minus(costBefore);
    }
}
