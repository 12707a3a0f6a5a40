// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Gradient ascent on noise (ReNO: Eyring et al. 2024; DNO: Tang et al. 2024). One iteration evaluates the noise of every
 * row and follows the gradient of reward less prior:
 *
 * <pre>
 * g = d (r(x) - prior(x)) / dx      g *= min(1, clip / (|g| + 1e-6))      x = project(optimizer(x, g))
 * </pre>
 *
 * The last iteration evaluates only. Each row is an ascent of its own and does not depend on the rows beside it; what it
 * answers is the noise of its largest reward, without the prior, the first of equal ones. A row whose reward or gradient is
 * not finite, or whose gradient explodes, ends there at its best so far with a {@link RunEvent.Warned}, and the others go
 * on; from then on it is told with the scores of its best. Log weights are 0 and evidence is NaN: an ascent has none.
 *
 * @param <X> the batch of noise
 */
public final class NoiseAscent<X extends Vectors<X>> extends IterativeRun<AscentSnapshot<X>> {
    private static final double CLIP_EPSILON = 1e-6;

    private final GradedObjective<X> objective;
    private final AscentPlan plan;
    private final Key key;
    private final Cost costBefore;

    private NoiseAscent(
            GradedObjective<X> objective,
            AscentPlan plan,
            Key key,
            AscentSnapshot<X> state,
            List<RunListener> listeners) {
        super(state, listeners);
        this.objective = objective;
        this.plan = plan;
        this.key = key;
        this.costBefore = objective.cost().minus(state.cost());
    }

    /**
     * An ascent from each row of a batch.
     *
     * @param objective from noise to reward
     * @param start the noise that it starts from, kept by the caller; at least 1 row
     * @param key the one source of randomness; only a random prior draws from it
     * @param manifest told to the listeners first
     */
    public static <X extends Vectors<X>> NoiseAscent<X> start(
            GradedObjective<X> objective,
            AscentPlan plan,
            X start,
            Key key,
            RunManifest manifest,
            RunListener... listeners) {
        Checks.atLeast(1, "number of ascents", start.size());
        var never = new int[start.size()];
        Arrays.fill(never, -1);
        var state = new AscentSnapshot<X>(
                0,
                IntStream.range(0, start.size()).toArray(),
                start.copy(),
                Memory.none(),
                start.copy(),
                never,
                List.of(),
                Cost.NONE);
        var run = new NoiseAscent<>(objective, plan, key, state, List.of(listeners));
        try {
            run.emit(new RunEvent.RunStarted(manifest, plan.iterations(), start.size()));
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
        return run;
    }

    /**
     * Goes on from a snapshot, which stays the caller's. With the objective, plan and key of the run that it was taken
     * from, everything that follows is equal to the bit; the listeners hear what follows, not the start.
     */
    public static <X extends Vectors<X>> NoiseAscent<X> resume(
            AscentSnapshot<X> from, GradedObjective<X> objective, AscentPlan plan, Key key, RunListener... listeners) {
        return new NoiseAscent<>(objective, plan, key, from.copy(), List.of(listeners));
    }

    /** Where the run stands, with the best noise so far; the run's own, valid until its next step or its close. */
    public AscentSnapshot<X> snapshot() {
        return state();
    }

    @Override
    boolean goesOn(AscentSnapshot<X> from) {
        return from.step() < plan.iterations() && from.climbing().length > 0;
    }

    @Override
    AscentSnapshot<X> advance(AscentSnapshot<X> from) {
        int step = from.step();
        var climbing = from.climbing();
        int slots = from.bestStep().length;
        var keys =
                Arrays.stream(climbing).mapToObj(slot -> key.at(slot).at(step)).toArray(Key[]::new);
        try (var evaluated = evaluate(from);
                var price = plan.prior().price(from.iterate(), keys);
                var uphill = evaluated.uphill(price)) {
            var none = Slots.filled(slots, Double.NaN);
            var norms = uphill == null ? Slots.filled(climbing.length, Double.NaN) : Vectors.norms(uphill);
            var said = Slots.told(evaluated.scores(), from);
            emit(new RunEvent.StepDone(step, new double[slots], slots, Double.NaN, cost()));
            emit(new RunEvent.Scored(step, said.total(), said.parts(), new double[slots], slots));
            if (!said.heldOut().isEmpty()) {
                emit(new RunEvent.HeldOut(step, said.heldOut()));
            }
            emit(new RunEvent.Ascended(
                    step,
                    Slots.spread(norms, climbing, none),
                    Slots.spread(price.values(), climbing, new double[slots])));
            return follow(from, evaluated.scores().total(), said, price.values(), uphill);
        }
    }

    private record Evaluated<X extends Vectors<X>>(
            Scores scores, @Nullable X gradient) implements AutoCloseable {
        @Nullable
        X uphill(NoisePrior.Price<X> price) {
            return gradient == null ? null : gradient.minus(price.gradient());
        }

        @Override
        public void close() {
            if (gradient != null) {
                gradient.close();
            }
        }
    }

    private Evaluated<X> evaluate(AscentSnapshot<X> from) {
        Evaluated<X> evaluated;
        if (from.step() == plan.iterations() - 1) {
            evaluated = new Evaluated<>(objective.score(from.iterate()), null);
        } else {
            var graded = objective.grade(from.iterate());
            evaluated = new Evaluated<>(graded.scores(), graded.gradient());
        }
        int rewards = evaluated.scores().total().length;
        if (rewards != from.climbing().length) {
            evaluated.close();
            throw new IllegalStateException(
                    "the objective gave " + rewards + " rewards for " + from.climbing().length + " rows");
        }
        return evaluated;
    }

    /** When all is known: keep the best, end what must end, step with what goes on. */
    private AscentSnapshot<X> follow(
            AscentSnapshot<X> from, double[] rewards, Scores said, double[] prices, @Nullable X uphill) {
        int step = from.step();
        var climbing = from.climbing();
        var positions = Vectors.norms(from.iterate());
        var troubles = troubles(positions, rewards, uphill);
        var bestStep = from.bestStep().clone();
        for (int i = 0; i < climbing.length; i++) {
            boolean counts = Double.isFinite(positions[i]) && Double.isFinite(rewards[i]);
            if (counts && rewards[i] > from.bestReward(climbing[i])) {
                bestStep[climbing[i]] = step;
            }
        }
        for (int i = 0; i < climbing.length; i++) {
            if (troubles.get(i).isPresent()) {
                int best = bestStep[climbing[i]];
                var rest = best < 0 ? "before it had a reward" : "at its best, iteration " + best;
                emit(new RunEvent.Warned(
                        step, climbing[i], troubles.get(i).get() + ": this ascent ends " + rest + "."));
            }
        }
        if (Arrays.stream(bestStep).allMatch(best -> best < 0)
                && troubles.stream().allMatch(Optional::isPresent)) {
            throw new TillerException(
                    "No ascent has a finite reward, so there is none to follow; look at the reward and at"
                            + " the noise that it starts from.");
        }
        var history = new ArrayList<>(from.history());
        history.add(said);
        boolean alarmed = alarmed(step, history);
        var onward = IntStream.range(0, climbing.length)
                .filter(i -> !alarmed && troubles.get(i).isEmpty() && !tired(step, bestStep[climbing[i]]))
                .toArray();
        var climbed =
                IntStream.of(onward).mapToDouble(i -> rewards[i] - prices[i]).toArray();
        var next = uphill == null || onward.length == 0
                ? new Optimizer.Step<>(from.iterate().gather(onward), Memory.<X>none())
                : step(from, onward, climbed, uphill);
        return new AscentSnapshot<>(
                step + 1,
                IntStream.of(onward).map(i -> climbing[i]).toArray(),
                next.next(),
                next.memory(),
                best(from, bestStep),
                bestStep,
                List.copyOf(history),
                cost());
    }

    private Optimizer.Step<X> step(AscentSnapshot<X> from, int[] onward, double[] values, X uphill) {
        try (X x = from.iterate().gather(onward);
                X gradient = uphill.gather(onward);
                X clipped = gradient.timesRows(Arrays.stream(Vectors.norms(gradient))
                        .map(norm -> Math.min(1, plan.clip() / (norm + CLIP_EPSILON)))
                        .toArray());
                var memory = from.memory().gather(onward)) {
            var step = plan.optimizer().step(x, values, clipped, memory);
            try (X free = step.next()) {
                return new Optimizer.Step<>(plan.prior().project(free, x), step.memory());
            } catch (RuntimeException | Error e) {
                step.memory().close();
                throw e;
            }
        }
    }

    /** Why a row cannot go on, as the beginning of a sentence. */
    private List<Optional<String>> troubles(double[] positions, double[] rewards, @Nullable X uphill) {
        var norms = uphill == null ? new double[rewards.length] : Vectors.norms(uphill);
        return IntStream.range(0, rewards.length)
                .mapToObj(i -> Optional.ofNullable(
                        !Double.isFinite(positions[i])
                                ? "The noise has left the finite numbers"
                                : !Double.isFinite(rewards[i])
                                        ? "The reward is " + rewards[i] + ", no finite number"
                                        : !Double.isFinite(norms[i])
                                                ? "The gradient is not finite"
                                                : norms[i] > plan.explosion()
                                                        ? "The gradient has exploded, to a norm of " + norms[i]
                                                        : null))
                .toList();
    }

    private boolean tired(int step, int bestStep) {
        return plan.patience() > 0 && step - bestStep >= plan.patience();
    }

    private boolean alarmed(int step, List<Scores> history) {
        if (plan.alarm().isEmpty()) {
            return false;
        }
        var steered = history.stream().map(Scores::total).toList();
        for (var name : history.get(0).heldOut().keySet()) {
            var heldOut = history.stream().map(s -> s.heldOut().get(name)).toList();
            if (plan.alarm().get().raised(steered, heldOut).isPresent()) {
                emit(new RunEvent.Warned(
                        step,
                        null,
                        "The reward rises while " + name + " falls beyond its noise: the reward is being gamed, and the"
                                + " ascent ends here."));
                return true;
            }
        }
        return false;
    }

    /** The best noise of each slot, where that of this iteration counts. */
    private static <X extends Vectors<X>> X best(AscentSnapshot<X> from, int[] bestStep) {
        var climbing = from.climbing();
        var improved = IntStream.range(0, climbing.length)
                .filter(row -> bestStep[climbing[row]] == from.step())
                .toArray();
        if (improved.length == 0) {
            return from.best().copy();
        }
        // Slots that have not improved show a row that has, for their own may not be finite.
        var rowOf = new int[bestStep.length];
        Arrays.fill(rowOf, improved[0]);
        var chosen = new boolean[bestStep.length];
        for (int row : improved) {
            rowOf[climbing[row]] = row;
            chosen[climbing[row]] = true;
        }
        try (X now = from.iterate().gather(rowOf)) {
            return Rows.choose(chosen, now, from.best());
        }
    }

    @Override
    StepReport report(AscentSnapshot<X> after) {
        var rewards = after.history().get(after.step() - 1).total();
        double best = StepReport.best(rewards);
        return new StepReport(
                after.step() - 1, plan.iterations(), rewards.length, rewards.length, best, false, after.cost());
    }

    @Override
    int[] order(AscentSnapshot<X> at) {
        return IntStream.range(0, at.bestStep().length)
                .boxed()
                .sorted(Comparator.comparingDouble(at::bestReward).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    Cost cost() {
        return objective.cost().minus(costBefore);
    }
}
