// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.Run;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sequential Monte Carlo on any sampler. One step moves the particles, corrects their weights, and, where the plan says
 * so, scores, pays and resamples them:
 *
 * <pre>
 * x_(t-1) ~ M~(x_t, .)      log w += log G_t(x_t)      a ~ resample(w)      log w += log M/M~
 * </pre>
 *
 * What is scored is E[x_0 | x_t], so a particle is selected by what is known of x_t; the correction of the move away from x_t
 * waits until x_(t-1) is looked at, or selection would punish a guided move before its gain is seen. Only a particle whose move
 * has no weight at all, log M/M~ = -infinity, is given up at once.
 *
 * The last step is scored but not resampled: the final particles keep their weights.
 *
 * <table>
 * <caption>Names here and in Chopin and Papaspiliopoulos 2020, chapter 10</caption>
 * <tr><td>{@code Kernel.move}</td><td>M_t</td></tr>
 * <tr><td>{@code Ledger.paid}</td><td>G_t, in logs</td></tr>
 * <tr><td>{@code LogWeights.logMean}</td><td>log L_t, the estimate of log Z; exp of it is unbiased</td></tr>
 * </table>
 *
 * @param <X> the batch of particles
 */
public final class SmcRun<X extends Batch<X>> implements Run {
    /** Who draws randomness in a run; each has a subtree of the key of its own. */
    private enum Use {
        START(0),
        MOVE(1),
        FAMILY(2),
        RESAMPLE(3),
        ANSWER(4);

        private final long tag;

        Use(long tag) {
            this.tag = tag;
        }
    }

    private final Kernel<X> kernel;
    private final Objective<? super X> objective;
    private final SteeringPlan plan;
    private final Bookkeeping books;
    private final Key key;
    private final List<RunListener> listeners;
    private final Cost costBefore;
    private Snapshot<X> state;
    private boolean ended;

    private SmcRun(
            Kernel<X> kernel,
            Objective<? super X> objective,
            SteeringPlan plan,
            Key key,
            List<RunListener> listeners,
            Snapshot<X> state) {
        this.kernel = kernel;
        this.objective = objective;
        this.plan = plan;
        this.books = plan.bookkeeping();
        this.key = key;
        this.listeners = listeners;
        this.costBefore = counted(kernel, objective).minus(state.cost());
        this.state = state;
    }

    /** {@link #start(Kernel, Objective, SteeringPlan, Key, RunManifest, RunListener...)} with nobody listening. */
    public static <X extends Batch<X>> SmcRun<X> start(
            Kernel<X> kernel, Objective<? super X> objective, SteeringPlan plan, Key key) {
        return start(kernel, objective, plan, key, RunManifest.of("", 0));
    }

    /**
     * Draws the first population.
     *
     * @param kernel what moves the particles; kept by the caller and used until the run is closed, as the objective
     * @param key the one source of randomness
     * @param manifest told to the listeners first
     * @throws TillerException if the plan does not fit the kernel; the listeners have heard nothing then
     */
    public static <X extends Batch<X>> SmcRun<X> start(
            Kernel<X> kernel,
            Objective<? super X> objective,
            SteeringPlan plan,
            Key key,
            RunManifest manifest,
            RunListener... listeners) {
        plan.check(kernel);
        int n = Math.multiplyExact(plan.population().first(), plan.children());
        var before = counted(kernel, objective);
        var population = kernel.start(n, use(key, Use.START));
        int drawn = population.size();
        if (drawn != n) {
            population.close();
            throw new IllegalStateException(
                    "the sampler started with " + drawn + " particles where " + n + " were wanted");
        }
        var spent = counted(kernel, objective).minus(before);
        var state = new Snapshot<>(0, population, plan.bookkeeping().open(n), plan.children(), spent);
        var run = new SmcRun<>(kernel, objective, plan, key, List.of(listeners), state);
        try {
            run.emit(new RunEvent.RunStarted(manifest, kernel.steps(), n));
        } catch (RuntimeException e) {
            population.close();
            throw e;
        }
        return run;
    }

    /**
     * Goes on from a snapshot, which stays the caller's. With the kernel, objective, plan and key of the run that it was
     * taken from, everything that follows is equal to the bit; the listeners hear what follows, not the start.
     *
     * @throws TillerException if the plan does not fit the kernel
     */
    public static <X extends Batch<X>> SmcRun<X> resume(
            Snapshot<X> from,
            Kernel<X> kernel,
            Objective<? super X> objective,
            SteeringPlan plan,
            Key key,
            RunListener... listeners) {
        plan.check(kernel);
        var copy = new Snapshot<>(from.step(), from.population().copy(), from.ledger(), from.family(), from.cost());
        return new SmcRun<>(kernel, objective, plan, key, List.of(listeners), copy);
    }

    /** Where the run stands; the run's own, valid until its next step or its end by {@link #close()}. */
    public Snapshot<X> snapshot() {
        return state;
    }

    /** The slots of the population, best first. */
    public int[] order() {
        return plan.answer().order(state.ledger(), use(key, Use.ANSWER));
    }

    /**
     * Does what a person decided, before the next step. The weights that follow are those of a run in which this happened by
     * chance; nothing corrects for the choice.
     *
     * @throws TillerException if it cannot be; the run is as it was then
     */
    public void decide(Decision decision) {
        var change = Intervention.of(decision, this);
        var changed = new Snapshot<>(
                state.step(), state.population().gather(change.rows()), change.ledger(), change.family(), state.cost());
        state.close();
        state = changed;
        try {
            emit(new RunEvent.Intervened(
                    state.step(),
                    decision,
                    change.rows(),
                    state.ledger().weights().toArray()));
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    SteeringPlan plan() {
        return plan;
    }

    boolean stochastic() {
        return kernel.stochastic();
    }

    @Override
    public boolean hasNext() {
        return !ended && state.step() < kernel.steps();
    }

    @Override
    public StepReport next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the run has ended");
        }
        Step<X> step;
        try {
            step = step(state);
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
        state.close();
        state = step.after();
        if (state.step() == kernel.steps()) {
            end(new Outcome.Completed());
        }
        return report(step);
    }

    @Override
    public void close() {
        try {
            if (!ended) {
                end(state.step() == kernel.steps() ? new Outcome.Completed() : new Outcome.Cancelled(state.step()));
            }
        } finally {
            state.close();
        }
    }

    private record Step<X extends Batch<X>>(Snapshot<X> after, boolean resampled) {}

    private Step<X> step(Snapshot<X> from) {
        int step = from.step();
        boolean last = step == kernel.steps() - 1;
        boolean scored = plan.schedule().scores(step, kernel.steps());
        // Copies made before a scored move would be scored on equal predictions, so they wait for the next one.
        boolean branch = from.family() < plan.children() && !scored;
        int family = branch ? plan.children() : from.family();
        var parents = IntStream.range(
                        0,
                        branch ? from.ledger().size() * family : from.ledger().size())
                .map(i -> branch ? i / family : i)
                .toArray();
        var ledger = branch ? from.ledger().gather(parents) : from.ledger();
        if (branch) {
            emit(new RunEvent.Expanded(step, parents));
        }
        try (var move = move(step, from.population(), parents, branch)) {
            if (plan.reference2025()
                    && Arrays.stream(move.logCorrection()).anyMatch(c -> c != 0 && Double.isFinite(c))) {
                throw new TillerException("The mode reference-2025 forgets weights from step to step, and with them the"
                        + " corrections of a guided proposal; use the ordinary engine.");
            }
            var before = ledger;
            ledger = last ? ledger.corrected(move.logCorrection(), step) : ledger.givenUp(move.logCorrection(), step);
            emit(stepDone(step, ledger));
            tellGivenUp(step, before.weights(), ledger.weights());
            if (scored) {
                ledger = score(step, last ? move.next() : move.clean(), ledger, last);
            }
            var ancestry = scored ? resample(step, ledger, family, last) : Optional.<Ancestry>empty();
            if (ancestry.isPresent()) {
                double essBefore = ledger.weights().ess();
                ledger = books.descend(ledger, ancestry.get());
                emit(new RunEvent.Resampled(
                        step, ancestry.get().ancestors(), ledger.weights().toArray(), essBefore));
            } else if (scored) {
                ledger = books.kept(ledger);
            }
            var rows = ancestry.map(Ancestry::ancestors).orElseGet(() -> identity(parents.length));
            if (!last) {
                ledger = ledger.corrected(gather(move.logCorrection(), rows), step);
            }
            int familyAfter = scored && !last ? 1 : family;
            var population = move.next().gather(rows);
            return new Step<>(new Snapshot<>(step + 1, population, ledger, familyAfter, cost()), ancestry.isPresent());
        }
    }

    private Move<X> move(int step, X x, int[] parents, boolean branch) {
        var moveKey = use(key, Use.MOVE).at(step);
        if (!branch) {
            return kernel.move(step, x, moveKey);
        }
        try (X copies = x.gather(parents)) {
            return kernel.move(step, copies, moveKey);
        }
    }

    /** Tells which particles a move has cost their weight; they are not selected, so that it does not cost the run. */
    private void tellGivenUp(int step, LogWeights before, LogWeights after) {
        for (int i = 0; i < after.size(); i++) {
            if (after.get(i) == Double.NEGATIVE_INFINITY && before.get(i) > Double.NEGATIVE_INFINITY) {
                emit(new RunEvent.Warned(
                        step, i, "The guidance of its move is no finite number: the particle is given up."));
            }
        }
        if (after.allZero() && !plan.reference2025()) {
            throw new TillerException("No particle is left at step " + step
                    + ": the guidance of all that were left is no finite number; take a smaller strength, or look at the"
                    + " reward's gradient.");
        }
    }

    private Ledger score(int step, X x, Ledger ledger, boolean last) {
        var scores = objective.score(step, x);
        var rewards = scores.total();
        if (rewards.length != ledger.size()) {
            throw new IllegalStateException("step " + step + ": the objective gave " + rewards.length + " rewards for "
                    + ledger.size() + " particles");
        }
        double lambda = last ? plan.lambda() : plan.lambda() * plan.tempering().at(step, kernel.steps());
        var paid = books.paid(step, rewards, lambda, last, ledger);
        emit(new RunEvent.Scored(
                step,
                rewards,
                scores.parts(),
                paid.weights().toArray(),
                paid.weights().ess()));
        if (!scores.heldOut().isEmpty()) {
            emit(new RunEvent.HeldOut(step, scores.heldOut()));
        }
        var then = plan.reference2025() ? "the particle weighs nothing at this step." : "the particle is given up.";
        for (int i = 0; i < rewards.length; i++) {
            if (!Double.isFinite(lambda * rewards[i])) {
                emit(new RunEvent.Warned(step, i, "The reward is " + rewards[i] + ", no finite number: " + then));
            }
        }
        books.requireAlive(step, paid);
        return paid;
    }

    /** One of each family, then what the plan says of all of them. */
    private Optional<Ancestry> resample(int step, Ledger ledger, int family, boolean last) {
        var resampleKey = use(key, Use.RESAMPLE).at(step);
        int size = plan.population().at(step);
        if (family == 1 || last) {
            return books.resample(ledger, size, last, resampleKey);
        }
        var chosen = Families.chooseOne(
                ledger.weights(), family, use(key, Use.FAMILY).at(step));
        var among = plan.resampling().resample(chosen.weights(), size, resampleKey);
        return Optional.of(among.map(a -> new Ancestry(
                        Arrays.stream(a.ancestors())
                                .map(i -> chosen.ancestors()[i])
                                .toArray(),
                        a.weights()))
                .orElse(chosen));
    }

    private RunEvent stepDone(int step, Ledger ledger) {
        var weights = ledger.weights();
        return new RunEvent.StepDone(step, weights.toArray(), weights.ess(), books.logEvidence(ledger), cost());
    }

    private StepReport report(Step<X> step) {
        var ledger = state.ledger();
        double best = StepReport.best(ledger.rewards());
        return new StepReport(
                state.step() - 1,
                kernel.steps(),
                ledger.size(),
                ledger.weights().ess(),
                best,
                step.resampled(),
                state.cost());
    }

    private void fail(Throwable cause) {
        try {
            var message = cause.getMessage();
            end(new Outcome.Failed(cause.getClass().getSimpleName(), message == null ? "" : message));
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void end(Outcome outcome) {
        ended = true;
        // A step that failed has left no population that an order could be of.
        var order = outcome instanceof Outcome.Failed ? new int[0] : order();
        emit(new RunEvent.RunEnded(outcome, order, books.logEvidence(state.ledger()), cost()));
    }

    private void emit(RunEvent event) {
        listeners.forEach(listener -> listener.on(event));
    }

    private Cost cost() {
        return counted(kernel, objective).minus(costBefore);
    }

    private static Cost counted(Kernel<?> kernel, Objective<?> objective) {
        return kernel.cost().plus(objective.cost());
    }

    private static Key use(Key key, Use use) {
        return key.at(use.tag);
    }

    private static double[] gather(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> values[i]).toArray();
    }

    private static int[] identity(int n) {
        return IntStream.range(0, n).toArray();
    }
}
