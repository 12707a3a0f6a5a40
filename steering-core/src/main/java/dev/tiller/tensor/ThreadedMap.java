// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.gradient.Pullback;
import java.util.function.Supplier;

/**
 * A map whose operations have so many threads, forwards and backwards, whatever the computation around it has.
 *
 * @param threads at least 1
 */
public record ThreadedMap(Pullback<Tensor, Tensor> map, int threads) implements Pullback<Tensor, Tensor> {
    @Override
    public Tensor apply(Tensor x) {
        return threaded(() -> map.apply(x));
    }

    @Override
    public Tape<Tensor, Tensor> tape(Tensor x) {
        var tape = threaded(() -> map.tape(x));
        return new Tape<>() {
            @Override
            public Tensor value() {
                return tape.value();
            }

            @Override
            public Tensor pull(Tensor cotangent) {
                return threaded(() -> tape.pull(cotangent));
            }

            @Override
            public void close() {
                tape.close();
            }
        };
    }

    private <T> T threaded(Supplier<T> computation) {
        return Engine.with(threads, computation);
    }
}
