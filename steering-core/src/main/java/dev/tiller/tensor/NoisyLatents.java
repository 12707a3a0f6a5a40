// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.smc.Batch;

/**
 * N latents of one noise level, α x₀ + σ n with standard normal n: what rewards that understand noise look at. Closing them
 * closes the tensor.
 *
 * @param tensor N×C×h×w
 * @param alpha α, at least 0
 * @param sigma σ, at least 0; not both are 0
 */
public record NoisyLatents(Tensor tensor, double alpha, double sigma) implements Batch<NoisyLatents> {
    /** @throws IllegalArgumentException if the tensor is not of rank 4, or the level is none */
    public NoisyLatents {
        if (tensor.rank() != 4 || !(alpha >= 0 && sigma >= 0 && alpha + sigma > 0)) {
            throw new IllegalArgumentException("no latents of a level: " + tensor + ", " + alpha + ", " + sigma);
        }
    }

    @Override
    public int size() {
        return tensor.size();
    }

    @Override
    public NoisyLatents gather(int[] rows) {
        return new NoisyLatents(tensor.gather(rows), alpha, sigma);
    }

    @Override
    public void close() {
        tensor.close();
    }
}
