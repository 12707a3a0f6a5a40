// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A network that is one stage after another; what a stage was given is freed as soon as the next has it. */
final class Stages {
    private final List<UnaryOperator<Tensor>> stages = new ArrayList<>();

    void add(UnaryOperator<Tensor> stage) {
        stages.add(stage);
    }

    /** @param x kept by the caller */
    Tensor apply(Tensor x) {
        var y = x;
        for (var stage : stages) {
            var given = y;
            y = Recording.block(() -> stage.apply(given));
            if (given != x) {
                given.close();
            }
        }
        return y;
    }
}
