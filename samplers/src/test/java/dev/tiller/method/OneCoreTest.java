// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OneCoreTest {
    private final List<Integer> threads = new ArrayList<>();
    private int before;

    /** Notes how many threads its operations have, and fails. */
    private final class Failing implements GradedObjective<Tensor> {
        @Override
        public Scores score(Tensor x) {
            threads.add(Engine.threads());
            throw new IllegalArgumentException("score");
        }

        @Override
        public Graded<Tensor> grade(Tensor x) {
            threads.add(Engine.threads());
            throw new IllegalArgumentException("grade");
        }

        @Override
        public Cost cost() {
            return Cost.NONE;
        }
    }

    @BeforeEach
    void twoThreads() {
        before = Engine.threads();
        Engine.setThreads(2);
    }

    @AfterEach
    void asBefore() {
        Engine.setThreads(before);
    }

    @Test
    void aSingleRowIsComputedAloneAndSeveralAreNot() {
        var objective = new OneCore<>(new Failing());
        try (var x = Tensor.of(new double[] {1, 2}, 2, 1);
                var row = x.rows(0, 1)) {
            assertThrows(IllegalArgumentException.class, () -> objective.grade(row));
            assertThrows(IllegalArgumentException.class, () -> objective.score(row));
            assertThrows(IllegalArgumentException.class, () -> objective.grade(x));
        }
        assertEquals(List.of(1, 1, 2), threads);
        assertEquals(2, Engine.threads());
    }
}
