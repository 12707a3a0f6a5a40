// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.Decision;
import dev.tiller.run.TillerException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Who has a say in a run between two steps. */
interface Control {
    /**
     * Asked before each step; may wait, and may decide something before it answers.
     *
     * @param step how many steps are made
     * @param hand carries a decision out at once
     * @return whether the run should go on; false stops it here
     */
    boolean goOn(int step, Consumer<Decision> hand);

    /** Stops the run when somebody asks for it, and decides nothing. */
    static Control until(BooleanSupplier stopped) {
        return (step, hand) -> !stopped.getAsBoolean();
    }

    /** Another's say about stopping and waiting, in a run in which nobody decides anything. */
    static Control undecided(Control other) {
        return (step, hand) -> other.goOn(step, decision -> {
            throw new TillerException("The run has come to its end; its pictures are being compared.");
        });
    }

    /** First the decisions of a script, each at its step, and then another. */
    static Control scripted(List<Decision.At> script, Control then) {
        var left = new ArrayDeque<>(script);
        return (step, hand) -> {
            while (!left.isEmpty() && left.getFirst().step() <= step) {
                hand.accept(left.removeFirst().decision());
            }
            return then.goOn(step, hand);
        };
    }
}
