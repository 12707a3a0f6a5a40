// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.Decision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What was decided while a run waits. It is carried out when the run goes on; until then it can be taken back, the latest first,
 * and given again. All orders speak of the particles as they are while the run waits.
 */
final class Orders {
    /**
     * @param particle the slot of the last judging that it is about; -1 for none
     * @param step how many steps were made; -1 where it does not matter
     * @param decision in slots of the population that waits
     * @param before the weights of parts of the reward that it changes, as they were
     */
    record Order(int particle, int step, Decision decision, Map<String, Double> before) {
        Order {
            before = Map.copyOf(before);
        }
    }

    private final List<Order> given = new ArrayList<>();
    private final Deque<Order> takenBack = new ArrayDeque<>();

    /** Those that wait, in order. */
    List<Order> waiting() {
        return List.copyOf(given);
    }

    /**
     * Adds an order; those that were taken back are forgotten.
     *
     * @param population how many particles wait
     * @return false if it would leave no particle, or is about one that is to be killed; nothing has changed then
     */
    boolean give(Order order, int population) {
        given.add(order);
        var left = new ArrayList<Integer>();
        int carriedOut = carryOut(population, left).size();
        if (left.isEmpty() || carriedOut < given.size()) {
            given.remove(given.size() - 1);
            return false;
        }
        takenBack.clear();
        return true;
    }

    /** Takes the latest back; empty if none waits. */
    Optional<Order> takeBack() {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        takenBack.push(given.remove(given.size() - 1));
        return Optional.of(takenBack.element());
    }

    /** Gives again what was taken back last; empty if nothing was. */
    Optional<Order> giveAgain() {
        var order = Optional.ofNullable(takenBack.poll());
        order.ifPresent(given::add);
        return order;
    }

    /** Forgets all, those that were taken back too. */
    void clear() {
        given.clear();
        takenBack.clear();
    }

    /**
     * Hands out all that wait and forgets them. Each speaks of the particles as those before it leave them: a kill closes a gap, a
     * clone comes last.
     *
     * @param population how many particles wait
     */
    List<Decision.At> release(int population) {
        var decisions = carryOut(population, new ArrayList<>());
        clear();
        return decisions;
    }

    /** @param left is given, for each particle that there is afterwards, the slot of the one that it comes from */
    private List<Decision.At> carryOut(int population, List<Integer> left) {
        IntStream.range(0, population).forEach(left::add);
        var decisions = new ArrayList<Decision.At>();
        for (var order : given) {
            translated(order.decision(), left)
                    .ifPresent(decision -> decisions.add(new Decision.At(order.step(), decision)));
        }
        return decisions;
    }

    /** Empty where none of those that are meant is left. */
    private static Optional<Decision> translated(Decision decision, List<Integer> left) {
        if (decision instanceof Decision.Kill kill) {
            var slots = now(kill.slots(), left);
            left.removeIf(kill.slots()::contains);
            return slots.isEmpty() ? Optional.empty() : Optional.of(new Decision.Kill(slots));
        } else if (decision instanceof Decision.Favour favour) {
            var slots = now(favour.slots(), left);
            return slots.isEmpty() ? Optional.empty() : Optional.of(new Decision.Favour(slots, favour.factor()));
        } else if (decision instanceof Decision.Clone clone) {
            int slot = left.indexOf(clone.slot());
            if (slot < 0) {
                return Optional.empty();
            }
            left.add(clone.slot());
            return Optional.of(new Decision.Clone(slot));
        }
        return Optional.of(decision);
    }

    private static List<Integer> now(List<Integer> slots, List<Integer> left) {
        return IntStream.range(0, left.size())
                .filter(i -> slots.contains(left.get(i)))
                .boxed()
                .toList();
    }
}
