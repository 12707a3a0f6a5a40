// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.Pullback;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole sampler as a differentiable map of its noise: x_T alone, as ReNO has it, or all noises of a stochastic sampler,
 * as DNO has it. With checkpointing only what each step starts from is kept; backwards, step after step is computed again,
 * block by block, so that memory hardly grows with the number of steps.
 *
 * <p>Reads N × (1 + n)C × h × w: the noise of the start in the first C channels, and after it that of each of the n steps
 * that draw some, unless theirs is given; gives N × C × h × w.
 */
public final class NoiseToLatents implements Pullback<Tensor, Tensor> {
    private final DiffusionKernel sampler;
    private final List<Tensor> given;
    private final boolean all;
    private final Pullback<Tensor, Tensor> recorded;

    private NoiseToLatents(DiffusionKernel sampler, List<Tensor> given, boolean all, Checkpointing checkpointing) {
        this.sampler = sampler;
        this.given = given;
        this.all = all;
        this.recorded = sampler.rowwise(new RecordedMap(this::sample, checkpointing));
    }

    /**
     * Of the noise of the start.
     *
     * @param sampler kept by the caller
     * @param given noise of each step that draws some, in order, 1 × C × h × w: the same for all rows; kept by the caller. None
     *     for a deterministic sampler
     * @throws IllegalArgumentException if there are more or fewer noises than steps that draw some
     */
    public static NoiseToLatents ofStart(DiffusionKernel sampler, List<Tensor> given, Checkpointing checkpointing) {
        if (given.size() != draws(sampler)) {
            throw new IllegalArgumentException(given.size() + " noises for " + draws(sampler)
                    + " steps that draw some: give one for each, take a sampler without noise (eta = 0), or ofAll");
        }
        return new NoiseToLatents(sampler, List.copyOf(given), false, checkpointing);
    }

    /** Of all noises. */
    public static NoiseToLatents ofAll(DiffusionKernel sampler, Checkpointing checkpointing) {
        return new NoiseToLatents(sampler, List.of(), true, checkpointing);
    }

    private static int draws(DiffusionKernel sampler) {
        return (int) sampler.scheduler().steps().stream()
                .filter(step -> step.next().stochastic())
                .count();
    }

    /** The shape of a row of what this reads. */
    public long[] rowShape() {
        long[] shape = sampler.rowShape();
        shape[0] *= all ? 1 + draws(sampler) : 1;
        return shape;
    }

    /** Rows through the network for each row. */
    public int evaluations() {
        return sampler.steps() * sampler.rowsPerParticle();
    }

    private Tensor sample(Tensor noise) {
        long channels = sampler.rowShape()[0];
        try (var scope = Scope.open()) {
            Latents x = sampler.scheduler().start(noise.slice(1, 0, channels));
            int drawn = 0;
            for (int i = 0; i < sampler.steps(); i++) {
                int step = i;
                var from = x;
                boolean draws = sampler.scheduler().step(step).next().stochastic();
                var own = draws ? drawn(noise, drawn++, channels) : null;
                // What comes last is pulled back first: it need not be forgotten in between.
                boolean last = step == sampler.steps() - 1;
                var tensors = last ? move(step, from, own) : Recording.stage(() -> move(step, from, own));
                x = new Latents(tensors.get(0), tensors.subList(1, tensors.size()));
                from.close();
            }
            return scope.keep(x.sample());
        }
    }

    private Tensor drawn(Tensor noise, int which, long channels) {
        if (all) {
            return noise.slice(1, channels * (which + 1), channels * (which + 2));
        }
        var one = given.get(which);
        return one.expand(noise.size(), one.dim(1), one.dim(2), one.dim(3));
    }

    /** The next sample, and what the solver remembers. */
    private List<Tensor> move(int step, Latents from, @Nullable Tensor noise) {
        try (var scope = Scope.open()) {
            var next = sampler.scheduler()
                    .advance(step, from, sampler.predict(step, from.sample()), noise)
                    .next();
            var tensors = new ArrayList<Tensor>(List.of(next.sample()));
            tensors.addAll(next.memory());
            tensors.forEach(scope::keep);
            return tensors;
        }
    }

    @Override
    public Tensor apply(Tensor noise) {
        return recorded.apply(noise);
    }

    @Override
    public Tape<Tensor, Tensor> tape(Tensor noise) {
        return recorded.tape(noise);
    }
}
