// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.TillerException;
import java.util.List;

/**
 * Gradient ascent with momentum, as {@code torch.optim.SGD} without dampening:
 *
 * <pre>
 * b = momentum b + g  (at first b = g)      x += rate (nesterov ? g + momentum b : b)
 * </pre>
 *
 * @param rate learning rate, above 0
 * @param momentum in [0, 1)
 * @param nesterov whether the momentum is looked ahead along; needs momentum
 */
public record Sgd(double rate, double momentum, boolean nesterov) implements Optimizer {
    public Sgd {
        Checks.positive("learning rate", rate);
        Checks.fraction("momentum", momentum);
        if (nesterov && momentum == 0) {
            throw new TillerException("Nesterov's step needs a momentum above 0.");
        }
    }

    @Override
    public <X extends Vectors<X>> Step<X> step(X x, double[] values, X gradient, Memory<X> memory) {
        X buffer = memory.vectors().isEmpty()
                ? gradient.copy()
                : Rows.add(gradient, momentum, memory.vectors().get(0));
        var after = new Memory<>(memory.steps() + 1, List.of(buffer), List.of());
        if (!nesterov) {
            return new Step<>(Rows.add(x, rate, buffer), after);
        }
        try (X ahead = Rows.add(gradient, momentum, buffer)) {
            return new Step<>(Rows.add(x, rate, ahead), after);
        }
    }
}
