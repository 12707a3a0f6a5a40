// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.gradient.Pullback;
import java.util.function.UnaryOperator;

/**
 * Any map of tensors, differentiated by recording it: {@code new RecordedMap(x -> unet.forward(x, time, prompt), AUTO)}.
 *
 * @param f a pure function; see {@link Recording} for what it may not do
 */
public record RecordedMap(UnaryOperator<Tensor> f, Checkpointing checkpointing) implements Pullback<Tensor, Tensor> {
    @Override
    public Tensor apply(Tensor x) {
        try (var scope = Scope.open()) {
            return scope.keep(f.apply(x));
        }
    }

    @Override
    public Tape<Tensor, Tensor> tape(Tensor x) {
        var recording = Recording.of(checkpointing, variables -> f.apply(variables.get(0)), x);
        return new Tape<>() {
            @Override
            public Tensor value() {
                return recording.value();
            }

            @Override
            public Tensor pull(Tensor cotangent) {
                return recording.pull(cotangent).get(0);
            }

            @Override
            public void close() {
                recording.close();
            }
        };
    }
}
