// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.gradient.Vectors;
import dev.tiller.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Particles in latent space: the samples, and for each what its solver remembers of its past. The past belongs to the
 * particle, so resampling gathers both. Arithmetic is on samples; the result remembers what the left operand does.
 *
 * @param sample rows × channels × height × width
 * @param memory tensors of the same shape; none for one-step solvers, and none in estimates of x₀
 */
public record Latents(Tensor sample, List<Tensor> memory) implements Vectors<Latents> {
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

    /** Other samples with this past. */
    public Latents with(Tensor newSample) {
        return new Latents(newSample, memory.stream().map(Tensor::copy).toList());
    }

    private Latents map(UnaryOperator<Tensor> f) {
        return with(f.apply(sample));
    }

    @Override
    public Latents plus(Latents other) {
        return map(x -> x.plus(other.sample));
    }

    @Override
    public Latents minus(Latents other) {
        return map(x -> x.minus(other.sample));
    }

    @Override
    public Latents times(double factor) {
        return map(x -> x.times(factor));
    }

    @Override
    public Latents times(Latents other) {
        return map(x -> x.times(other.sample));
    }

    @Override
    public Latents dividedBy(Latents other) {
        return map(x -> x.dividedBy(other.sample));
    }

    @Override
    public Latents plus(double number) {
        return map(x -> x.plus(number));
    }

    @Override
    public Latents sqrt() {
        return map(Tensor::sqrt);
    }

    @Override
    public Latents timesRows(double[] factors) {
        return map(x -> x.timesRows(factors));
    }

    @Override
    public double[] dotRows(Latents other) {
        return sample.dotRows(other.sample);
    }

    @Override
    public int dimensions() {
        return sample.dimensions();
    }

    @Override
    public double[][] toRows() {
        return sample.toRows();
    }

    @Override
    public Latents withRows(double[][] rows) {
        return with(sample.withRows(rows));
    }

    @Override
    public void close() {
        sample.close();
        memory.forEach(Tensor::close);
    }
}
