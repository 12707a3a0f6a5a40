// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.Pullback.Tape;
import dev.tiller.guide.Look;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look of a {@link DiffusionKernel}. A tape is kept where all rows go through the network at once; of more, each micro-batch
 * is computed anew when it is pulled back, so that memory does not grow with the number of particles.
 */
final class LatentLook implements Look<Latents> {
    private final DiffusionKernel kernel;
    private final int step;
    private final Latents x;
    private final boolean taped;
    private final Scope scope;
    private final @Nullable Tape<Tensor, Tensor> tape;
    private final Latents clean;
    private final Latents mean;

    LatentLook(DiffusionKernel kernel, int step, Latents x, boolean taped, Scope scope) {
        this.kernel = kernel;
        this.step = step;
        this.x = x;
        this.taped = taped;
        this.scope = scope;
        var scheduler = kernel.scheduler();
        boolean clipped = scheduler.step(step).clip() < Double.POSITIVE_INFINITY;
        if (taped && !clipped && kernel.isOnce(x.size())) {
            this.tape = kernel.tape(step, x.sample());
            this.clean = new Latents(tape.value(), List.of());
            this.mean = mean(clean);
        } else {
            var output = kernel.finiteOutput(step, x.sample());
            this.tape = null;
            this.clean = new Latents(scheduler.clean(step, x, output), List.of());
            this.mean = scheduler.mean(step, x, output, clean.sample());
        }
    }

    @Override
    public Latents clean() {
        return clean;
    }

    @Override
    public Latents mean() {
        return mean;
    }

    @Override
    public Latents mean(Latents other) {
        return kernel.scheduler().mean(step, x, other.sample());
    }

    @Override
    public Latents pull(Latents cotangent) {
        if (!taped) {
            throw new IllegalStateException(
                    "the look was taken without a tape: who pulls gradients says so first (Guide.pulls)");
        }
        if (tape == null) {
            return new Latents(kernel.pull(step, x.sample(), cotangent.sample()), List.of());
        }
        kernel.countBackward(x.size());
        return new Latents(tape.pull(cotangent.sample()), List.of());
    }

    @Override
    public void close() {
        if (tape != null) {
            tape.close();
        }
        scope.close();
    }
}
