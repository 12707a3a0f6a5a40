// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where samples are to be led, step by step.
 *
 * @param <X> the particles
 */
public interface Guide<X extends Vectors<X>> {
    /**
     * How often the move of a step is made, each time but the last followed by fresh noise (recurrence); 0 where it is unguided.
     *
     * @param step which, in [0, stages.size())
     */
    int rounds(int step, List<Stage> stages);

    /** Whether {@link #push} pulls gradients back through the network. */
    boolean pulls();

    /**
     * How far to lead away from the sampler's own move.
     *
     * @param x x_t, kept by the caller
     * @param look at x, with a tape if this guide {@link #pulls}
     * @param key for guides that draw
     */
    Push<X> push(GuidableKernel<X> kernel, int step, X x, Look<X> look, Key key);

    /** What the rewards of this guide have used. */
    default Cost cost() {
        return Cost.NONE;
    }

    /**
     * A lead: the guided mean of x_(t-1) is mean(E[x₀ | x_t] + clean) + next. Closing it closes both.
     *
     * @param clean is added to the estimate of the clean sample; null for nothing
     * @param next is added to the mean of x_(t-1); null for nothing
     */
    record Push<X extends Vectors<X>>(
            @Nullable X clean, @Nullable X next) implements AutoCloseable {
        @Override
        public void close() {
            if (clean != null) {
                clean.close();
            }
            if (next != null) {
                next.close();
            }
        }
    }
}
