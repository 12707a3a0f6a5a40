// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.smc.Batch;
import dev.tiller.tensor.Tensor;
import java.util.List;

/**
 * Particles in latent space: the samples, and for each what its solver remembers of its past. The past belongs to the
 * particle, so resampling gathers both.
 *
 * @param sample rows × channels × height × width
 * @param memory tensors of the same shape; none for one-step solvers, and none in estimates of x₀
 */
public record Latents(Tensor sample, List<Tensor> memory) implements Batch<Latents> {
    public Latents {
        memory = List.copyOf(memory);
    }

    @Override
    public int size() {
        return sample.size();
    }

    @Override
    public Latents gather(int[] rows) {
        return new Latents(
                sample.gather(rows), memory.stream().map(m -> m.gather(rows)).toList());
    }

    @Override
    public void close() {
        sample.close();
        memory.forEach(Tensor::close);
    }
}
