// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.gradient.Pullback;
import dev.tiller.guide.GuidableKernel;
import dev.tiller.guide.Look;
import dev.tiller.guide.Stage;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.samplers.scheduler.Scheduler;
import dev.tiller.samplers.unet.UNet;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.RowwiseMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A diffusion sampler as a Markov chain on latents: one network, one prompt, one plan of steps. Moves work on
 * micro-batches, so that memory does not grow with the number of particles.
 */
public final class DiffusionKernel implements GuidableKernel<Latents>, AutoCloseable {
    private final UNet unet;
    private final Scheduler scheduler;
    private final UNet.Conditioning prompts;
    private final ClassifierFreeGuidance guidance;
    private final long[] rowShape;
    private final Noise noise;
    private final int microBatch;
    private final Workers workers;
    private final Device device;
    private final List<Stage> stages;
    private long evaluations;
    private long backwardPasses;

    /**
     * @param unet kept by the caller
     * @param prompts the negative prompt and the prompt if the guidance needs both, else the prompt alone; closed with
     *     this kernel
     * @param guidanceEmbedded whether the network is told the guidance scale, so that nothing is to be combined
     * @param rowShape channels, height and width of a latent
     * @param noise of the first sample
     * @param microBatch particles through the network at a time, at least 1
     * @param workers work on micro-batches side by side; kept by the caller
     */
    public DiffusionKernel(
            UNet unet,
            Scheduler scheduler,
            UNet.Conditioning prompts,
            ClassifierFreeGuidance guidance,
            boolean guidanceEmbedded,
            long[] rowShape,
            Noise noise,
            int microBatch,
            Workers workers,
            Device device) {
        if (prompts.rows() != (guidanceEmbedded || !guidance.needsNegative() ? 1 : 2)) {
            throw new IllegalArgumentException(prompts.rows() + " prompts for " + guidance);
        }
        this.unet = unet;
        this.scheduler = scheduler;
        this.prompts = prompts;
        this.guidance = guidance;
        this.rowShape = rowShape.clone();
        this.noise = noise;
        this.microBatch = microBatch;
        this.workers = workers;
        this.device = device;
        this.stages = scheduler.stages();
    }

    /** The plan of steps. */
    public Scheduler scheduler() {
        return scheduler;
    }

    @Override
    public int steps() {
        return scheduler.steps().size();
    }

    @Override
    public boolean stochastic() {
        return scheduler.stochastic();
    }

    @Override
    public Latents start(int n, Key key) {
        try (var scope = Scope.open()) {
            return keep(scope, scheduler.start(noise.rows(n, key, rowShape).to(device)));
        }
    }

    @Override
    public Move<Latents> move(int step, Latents x, Key key) {
        try (var scope = Scope.open()) {
            boolean noisy = scheduler.step(step).next().stochastic();
            var move = move(
                    step, x, noisy ? Noise.KEYED.rows(x.size(), key, rowShape).to(device) : null);
            return new Move<>(keep(scope, move.next()), keep(scope, move.clean()));
        }
    }

    /** The move with given noise, n × rowShape on the device of the network; null where the step draws none. */
    public Move<Latents> move(int step, Latents x, @Nullable Tensor stepNoise) {
        try (var scope = Scope.open()) {
            var move = scheduler.advance(step, x, finiteOutput(step, x.sample()), stepNoise);
            return new Move<>(keep(scope, move.next()), keep(scope, move.clean()));
        }
    }

    // -- under guidance

    @Override
    public List<Stage> stages() {
        return stages;
    }

    @Override
    public Look<Latents> look(int step, Latents x, boolean taped) {
        return Scope.holding(scope -> new LatentLook(this, step, x, taped, scope));
    }

    @Override
    public Latents noise(int n, Key key) {
        try (var scope = Scope.open()) {
            return new Latents(scope.keep(Noise.KEYED.rows(n, key, rowShape).to(device)), List.of());
        }
    }

    @Override
    public Latents renoise(int step, Latents x, Latents next, Key key) {
        var stage = stages.get(step);
        try (var scope = Scope.open()) {
            var noise = noise(next.size(), key).sample().times(Math.sqrt(stage.renoiseVariance()));
            return keep(scope, x.with(next.sample().times(stage.signalLeft()).plus(noise)));
        }
    }

    /** {@link #output}, refused where it is no number. */
    Tensor finiteOutput(int step, Tensor samples) {
        var output = output(step, samples);
        requireFinite(step, output);
        return output;
    }

    /** {@link #clean} of rows that go {@linkplain #isOnce through the network at once}, to be pulled back. */
    Pullback.Tape<Tensor, Tensor> tape(int step, Tensor samples) {
        evaluations += (long) samples.size() * prompts.rows();
        var tape = rowwise(clean(step, Checkpointing.AUTO)).tape(samples);
        requireFinite(step, tape.value());
        return tape;
    }

    /** The vector-Jacobian product of {@link #clean}: every micro-batch is computed anew with a tape. */
    Tensor pull(int step, Tensor samples, Tensor cotangent) {
        int size = workers.part(samples.size(), microBatch);
        try (var scope = Scope.open()) {
            var pieces = new ArrayList<Supplier<Tensor>>();
            for (int from = 0; from < samples.size(); from += size) {
                int to = Math.min(samples.size(), from + size);
                var rows = samples.rows(from, to);
                var along = cotangent.rows(from, to);
                pieces.add(() -> {
                    try (var tape = clean(step, Checkpointing.AUTO).tape(rows)) {
                        return tape.pull(along);
                    }
                });
            }
            countBackward(samples.size());
            return scope.keep(Tensor.concat(0, workers.all(pieces)));
        }
    }

    /** A map of rows by this network, shared out among the cores. */
    Pullback<Tensor, Tensor> rowwise(Pullback<Tensor, Tensor> map) {
        return new RowwiseMap(map, workers, microBatch);
    }

    void countBackward(int rows) {
        backwardPasses += (long) rows * prompts.rows();
    }

    /** Whether so many rows go through the network at once, each core with one micro-batch. */
    boolean isOnce(int rows) {
        return rows <= (long) microBatch * workers.count();
    }

    private static void requireFinite(int step, Tensor output) {
        // A sum is not finite where one of its terms is not, and costs next to nothing.
        if (!Double.isFinite(output.to(DType.FLOAT32).sum().toDoubles()[0])) {
            throw new TillerException(
                    "The network's output at step " + step
                            + " is not finite: its weights are damaged, or the dtype's range is too small for them (try float32).");
        }
    }

    /** What the network says of the samples, guided: n × rowShape. */
    public Tensor output(int step, Tensor samples) {
        try (var scope = Scope.open()) {
            var input = scheduler.input(step, samples);
            var time = time(step);
            evaluations += (long) samples.size() * prompts.rows();
            return scope.keep(workers.rows(input, microBatch, rows -> guided(rows, time)));
        }
    }

    /** As {@link #output}, not counted, in one piece and on this thread, as recordings want it. */
    Tensor predict(int step, Tensor samples) {
        try (var scope = Scope.open()) {
            return scope.keep(guided(scheduler.input(step, samples), time(step)));
        }
    }

    /** Rows through the network for one particle, from noise to picture. */
    public int evaluationsPerParticle() {
        return steps() * prompts.rows();
    }

    /** Rows through the network for one particle and step. */
    int rowsPerParticle() {
        return prompts.rows();
    }

    /** Channels, height and width of a latent. */
    public long[] rowShape() {
        return rowShape.clone();
    }

    /** E[x₀ | x_t] as a differentiable map of x_t's sample; what its solver remembers does not matter for it. */
    public Pullback<Tensor, Tensor> clean(int step, Checkpointing checkpointing) {
        return new RecordedMap(
                sample -> scheduler.clean(step, new Latents(sample, List.of()), predict(step, sample)), checkpointing);
    }

    private Tensor time(int step) {
        return Tensor.of(new double[] {scheduler.step(step).timestep()}, 1).to(DType.FLOAT32);
    }

    private Tensor guided(Tensor rows, Tensor time) {
        int n = rows.size();
        try (var scope = Scope.open()) {
            if (prompts.rows() == 1) {
                return scope.keep(unet.forward(rows, time, prompts));
            }
            var both = unet.forward(Tensor.concat(0, rows, rows), time, prompts);
            return scope.keep(guidance.combine(both.rows(0, n), both.rows(n, 2 * n)));
        }
    }

    private static Latents keep(Scope scope, Latents latents) {
        scope.keep(latents.sample());
        latents.memory().forEach(scope::keep);
        return latents;
    }

    @Override
    public Cost cost() {
        return new Cost(evaluations, 0, 0, backwardPasses);
    }

    @Override
    public void close() {
        prompts.close();
    }
}
