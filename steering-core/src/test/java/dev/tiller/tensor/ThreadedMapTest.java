// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tiller.gradient.Pullback;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadedMapTest {
    private final List<Integer> threads = new ArrayList<>();

    /** Doubles, and notes how many threads its operations have. */
    private final class Doubling implements Pullback<Tensor, Tensor> {
        @Override
        public Tensor apply(Tensor x) {
            threads.add(Engine.threads());
            return x.times(2);
        }

        @Override
        public Tape<Tensor, Tensor> tape(Tensor x) {
            var value = apply(x);
            return new Tape<>() {
                @Override
                public Tensor value() {
                    return value;
                }

                @Override
                public Tensor pull(Tensor cotangent) {
                    threads.add(Engine.threads());
                    if (cotangent.rank() != x.rank()) {
                        throw new IllegalArgumentException("pull");
                    }
                    return cotangent.times(2);
                }

                @Override
                public void close() {
                    value.close();
                }
            };
        }
    }

    @Test
    void bothWaysHaveTheirThreadsAndAllElseHasItsOwn() {
        int before = Engine.threads();
        var map = new ThreadedMap(new Doubling(), 2);
        try (var x = Tensor.of(new double[] {1, 2}, 2, 1)) {
            Engine.alone(() -> {
                try (var y = map.apply(x);
                        var tape = map.tape(x);
                        var back = tape.pull(x);
                        var flat = x.reshape(-1)) {
                    assertEquals(List.of(2.0, 4.0), List.of(y.toDoubles()[0], back.toDoubles()[1]));
                    assertThrows(IllegalArgumentException.class, () -> tape.pull(flat));
                }
                return threads.add(Engine.threads());
            });
        }
        assertEquals(List.of(2, 2, 2, 2, 1), threads);
        assertEquals(before, Engine.threads());
    }
}
