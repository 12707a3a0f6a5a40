// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.Decision;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.window.Orders.Order;
import java.util.Map;
import java.util.Optional;

/**
 * Steers the run that goes on by hand: what is decided while it waits is kept as {@link Orders} until it goes on, and can be taken
 * back until then; what has happened stays, and another way is offered by a branch.
 */
final class HandSteering implements HandMenu.Hand {
    /** The window, as far as a hand has to do with it. */
    interface Place {
        /** The run that is shown, perhaps another than the one that goes on. */
        RunPane shown();

        /** Begins a branch at the cursor, from the particle that is chosen. */
        void branch();

        /** Makes ready to branch at the cursor. */
        void offerBranch();
    }

    private final Orders orders = new Orders();
    private final LiveRun run;
    private final ComposePane compose;
    private final RunBar bar;
    private final Notices notices;
    private final Place place;

    HandSteering(LiveRun run, ComposePane compose, RunBar bar, Notices notices, Place place) {
        this.run = run;
        this.compose = compose;
        this.bar = bar;
        this.notices = notices;
        this.place = place;
    }

    @Override
    public boolean waits() {
        return run.job() != null && run.waits() && place.shown() == run.pane();
    }

    @Override
    public void decide(int particle, int step, Decision decision) {
        order(new Order(particle, step, decision, Map.of()));
    }

    @Override
    public void say(String sentence) {
        notices.say(sentence, true);
    }

    @Override
    public void branch() {
        place.branch();
    }

    /** Parts of the reward count differently: from now on, or where the run waits, when it goes on. */
    void reweigh(Map<String, Double> before, Map<String, Double> now) {
        var decision = new Decision.Reweigh(now);
        if (run.waits()) {
            order(new Order(-1, -1, decision, before));
        } else {
            carryOut(new Decision.At(-1, decision));
        }
    }

    private void order(Order order) {
        var live = run.pane();
        if (live != null) {
            if (orders.give(order, live.film().history().alive())) {
                notices.say(Messages.of("status.ordered", order.decision().text()), false);
            } else {
                notices.say(Messages.of("hand.killed"), true);
            }
            show(live);
        }
    }

    private void carryOut(Decision.At at) {
        var job = run.job();
        if (job != null) {
            notices.say(Messages.of("status.decided", at.decision().text()), false);
            job.decide(at.step(), at.decision());
        }
    }

    private void show(RunPane live) {
        live.film().orders().set(orders.waiting());
        if (place.shown() == live) {
            bar.ordered(orders.waiting());
        }
    }

    /** Has the run carry out what was decided while it waited; to be called before it is let go, or stopped. */
    void release() {
        var live = run.pane();
        if (live != null) {
            orders.release(live.film().history().alive()).forEach(this::carryOut);
            show(live);
        }
    }

    /** Forgets orders about a population that is no more: the run had not come to where it waits. */
    void dropLate(RunPane live) {
        int made = live.film().history().ess().size();
        if (orders.waiting().stream().anyMatch(order -> order.step() >= 0 && order.step() < made)) {
            orders.clear();
            show(live);
            notices.say(Messages.of("hand.late"), true);
        }
    }

    /** The run is over. */
    void forget() {
        orders.clear();
        var live = run.pane();
        if (live != null) {
            show(live);
        }
    }

    /**
     * Takes the latest decision back, if it was not carried out yet; of one that was, says so and offers another way.
     *
     * @param otherwise what is undone where nobody decided anything
     */
    void undo(Runnable otherwise) {
        var live = run.pane();
        var taken = live != null && place.shown() == live ? orders.takeBack() : Optional.<Order>empty();
        if (live != null && taken.isPresent()) {
            compose.weigh(taken.get().before());
            show(live);
            notices.say(Messages.of("status.taken", taken.get().decision().text()), false);
            return;
        }
        var own = place.shown().film().history().interventions().own();
        if (own.isEmpty()) {
            otherwise.run();
        } else {
            offerBranch(own.get(own.size() - 1));
        }
    }

    /** Another way goes on from the last judging before. */
    private void offerBranch(Decision.At happened) {
        var film = place.shown().film();
        var columns = film.history().columns();
        int before = 0;
        while (before + 1 < columns.size() && columns.get(before + 1).step() < happened.step()) {
            before++;
        }
        film.cursor().set(before);
        notices.advise(Messages.of("undo.happened", happened.decision().text(), happened.step()));
        place.offerBranch();
    }

    /**
     * Gives again what was taken back last.
     *
     * @param otherwise what is done again where nothing was taken back
     */
    void redo(Runnable otherwise) {
        var live = run.pane();
        var again = live != null && place.shown() == live ? orders.giveAgain() : Optional.<Order>empty();
        if (live == null || again.isEmpty()) {
            otherwise.run();
            return;
        }
        var decision = again.get().decision();
        if (decision instanceof Decision.Reweigh reweigh) {
            compose.weigh(reweigh.weights());
        }
        show(live);
        notices.say(Messages.of("status.ordered", decision.text()), false);
    }
}
