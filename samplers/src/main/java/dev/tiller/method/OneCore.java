// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Engine;
import java.util.function.Supplier;

/** The same objective, of which a single row is computed by the calling thread alone, but for what asks for more by itself. */
record OneCore<X extends Vectors<X>>(GradedObjective<X> objective) implements GradedObjective<X> {
    @Override
    public Scores score(X x) {
        return compute(x, () -> objective.score(x));
    }

    @Override
    public Graded<X> grade(X x) {
        return compute(x, () -> objective.grade(x));
    }

    private static <T> T compute(Vectors<?> x, Supplier<T> computation) {
        return x.size() == 1 ? Engine.alone(computation) : computation.get();
    }

    @Override
    public Cost cost() {
        return objective.cost();
    }
}
