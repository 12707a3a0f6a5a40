// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.smc.Key;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import org.junit.jupiter.api.Test;

class NoiseTest {
    /** Rows that hold the noise of three steps begin with that of rows that hold the start alone. */
    @Test
    void theFirstNoiseIsThatOfItsSeedWhateverComesBehindIt() {
        try (var scope = Scope.open()) {
            for (var noise : new Noise[] {Noise.KEYED, Noise.torch(7)}) {
                var alone = noise.rows(2, Key.of(1), 4, 4, 4);
                var longer = noise.forFirst(4).rows(2, Key.of(1), 12, 4, 4);
                assertArrayEquals(new long[] {2, 12, 4, 4}, longer.shape());
                assertArrayEquals(alone.toFloats(), longer.slice(1, 0, 4).toFloats());
                assertArrayEquals(
                        alone.toFloats(),
                        noise.forFirst(4).rows(2, Key.of(1), 4, 4, 4).toFloats());
            }
            assertArrayEquals(
                    Noise.KEYED.rows(2, Key.of(1), 12, 4, 4).toFloats(),
                    Noise.KEYED.forFirst(4).rows(2, Key.of(1), 12, 4, 4).toFloats());
        }
        assertEquals(0, Tensor.alive());
    }
}
