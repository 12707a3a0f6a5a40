// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Decision;
import dev.tiller.run.Decision.Clone;
import dev.tiller.run.Decision.Favour;
import dev.tiller.run.Decision.Kill;
import dev.tiller.run.Decision.Reweigh;
import dev.tiller.viewer.window.Orders.Order;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OrdersTest {
    private final Orders orders = new Orders();

    private boolean give(Decision decision, int population) {
        return orders.give(new Order(0, 7, decision, Map.of()), population);
    }

    private List<String> released(int population) {
        return orders.release(population).stream().map(Decision.At::text).toList();
    }

    /** Each is given in slots of the particles that wait, and carried out in those that the ones before leave. */
    @Test
    void theySpeakOfTheParticlesThatWait() {
        assertTrue(give(new Kill(List.of(0, 2)), 5));
        assertTrue(give(new Clone(3), 5));
        assertTrue(give(new Favour(List.of(1, 3), 2), 5));
        assertTrue(give(new Kill(List.of(3)), 5));
        // After the first kill 1, 3, 4 are left; the clone of 3 is a fourth.
        assertEquals(List.of("7 kill 1,3", "7 clone 2", "7 favour 1,2,4 2.0", "7 kill 2,4"), released(5));
        assertEquals(List.of(), orders.waiting());
        assertEquals(Optional.empty(), orders.takeBack());
    }

    @Test
    void theLatestIsTakenBackFirstAndGivenAgain() {
        give(new Kill(List.of(0)), 3);
        give(new Favour(List.of(1), 2), 3);
        assertEquals("favour 2 2.0", orders.takeBack().orElseThrow().decision().text());
        assertEquals("kill 1", orders.takeBack().orElseThrow().decision().text());
        assertEquals(Optional.empty(), orders.takeBack());
        assertEquals("kill 1", orders.giveAgain().orElseThrow().decision().text());
        assertEquals(List.of("7 kill 1"), released(3));
        assertEquals(Optional.empty(), orders.giveAgain(), "what was carried out is not given again");
    }

    @Test
    void anotherDecisionForgetsWhatWasTakenBack() {
        give(new Kill(List.of(0)), 3);
        orders.takeBack();
        give(new Clone(1), 3);
        assertEquals(Optional.empty(), orders.giveAgain());
        assertEquals(List.of("7 clone 2"), released(3));
    }

    @Test
    void oneParticleIsLeftAndTheDeadAreLeftAlone() {
        assertTrue(give(new Kill(List.of(0)), 2));
        assertFalse(give(new Kill(List.of(1)), 2), "none would be left");
        assertFalse(give(new Favour(List.of(0), 2), 2), "it is to be killed");
        assertFalse(give(new Clone(0), 2));
        assertTrue(orders.give(new Order(-1, -1, new Reweigh(Map.of("clip", 0.5)), Map.of("clip", 1.0)), 2));
        assertEquals(2, orders.waiting().size());
        assertEquals(1.0, orders.takeBack().orElseThrow().before().get("clip"));
        assertEquals(List.of("7 kill 1"), released(2));
    }
}
