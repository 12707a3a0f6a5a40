// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import dev.tiller.ascent.Adam;
import dev.tiller.ascent.AscentPlan;
import dev.tiller.ascent.Memory;
import dev.tiller.ascent.NoiseAscent;
import dev.tiller.ascent.NoisePrior;
import dev.tiller.ascent.NormPrior;
import dev.tiller.ascent.Optimizer;
import dev.tiller.ascent.Sgd;
import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Replays the training loop of ReNO's authors: losses and gradients of the networks are the recorded ones, and regulariser,
 * clipping, optimizer and choice of the best are those of {@link NoiseAscent}. The recorded gradients include the
 * regulariser's, which is taken out here by its formula and put in again by the ascent.
 */
public final class RenoTraceParity implements ParityCase {
    private static final RunManifest MANIFEST = RunManifest.of("", 0);
    private static final Set<String> INPUTS = Set.of("it.grad", "it.clip_loss", "it.mse_loss", "it.image", "it.pre");

    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("reno");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var replay = new Replay(golden);
        replay.run();
        replay.traces.forEach((name, values) -> report.compare(golden, name, values, golden.shape(name)));
        golden.results().keySet().stream()
                .filter(INPUTS::contains)
                .forEach(name -> report.notSupported(golden, name, "the networks of a trace: they are its input here"));
    }

    private static final class Replay implements GradedObjective<Tensor>, RunListener {
        private final Golden golden;
        private final double weight;
        private final int iterations;
        private final int size;
        private final double[] clip;
        private final double[] mse;
        private final double clipWeight;
        private final double mseWeight;
        private final Map<String, double[]> traces = new LinkedHashMap<>();
        private int iteration = -1;

        Replay(Golden golden) {
            this.golden = golden;
            var p = golden.meta().path("parameters");
            weight = p.path("regularize").asBoolean()
                    ? p.path("regularization_weight").asDouble()
                    : 0;
            iterations = p.path("n_iters").asInt();
            clip = golden.doubles("it.clip_loss");
            mse = golden.doubles("it.mse_loss");
            clipWeight = p.path("reward_weights").path("CLIP").asDouble();
            mseWeight = p.path("reward_weights").path("MSE").asDouble();
            size = golden.doubles("it.latents").length / iterations;
        }

        void run() {
            var shape = golden.shape("it.latents");
            try (var start = floats(recorded("it.latents", 0), Arrays.copyOfRange(shape, 1, shape.length));
                    var run = NoiseAscent.start(this, plan(), start, Key.of(0), MANIFEST, this)) {
                run.finish();
                int best = golden.meta().path("best_iteration").asInt();
                if (run.snapshot().bestStep()[0] != best) {
                    throw new IllegalStateException("the reference found iteration " + best + " best, the replay "
                            + run.snapshot().bestStep()[0]);
                }
            }
        }

        private AscentPlan plan() {
            var p = golden.meta().path("parameters");
            double rate = p.path("lr").asDouble();
            var optimizer = p.path("optimizer").asText().equals("adam")
                    ? new Adam(rate, 0.9, 0.999, p.path("adam_eps").asDouble(), 0)
                    : new Sgd(
                            rate,
                            p.path("momentum").asDouble(),
                            p.path("nesterov").asBoolean());
            return AscentPlan.of(iterations, new Recorded(optimizer))
                    .withClip(p.path("grad_clip").asDouble())
                    .withPrior(weight > 0 ? new NormPrior(weight) : NoisePrior.NONE);
        }

        @Override
        public Scores score(Tensor x) {
            iteration++;
            put("it.latents", x);
            trace("it.latent_norm")[iteration] = Math.sqrt(x.dotRows(x)[0]);
            double total = -clipWeight * clip[iteration] - mseWeight * mse[iteration];
            trace("it.reward_total")[iteration] = -total;
            return new Scores(
                    new double[] {total},
                    Map.of("CLIP", new double[] {-clip[iteration]}, "MSE", new double[] {-mse[iteration]}));
        }

        @Override
        public Graded<Tensor> grade(Tensor x) {
            var scores = score(x);
            var gradient = recorded("it.grad", iteration);
            var latents = recorded("it.latents", iteration);
            double square = Arrays.stream(latents).map(v -> v * v).sum();
            for (int i = 0; i < size; i++) {
                gradient[i] = weight * (1 - (size - 1) / square) * latents[i] - gradient[i];
            }
            return new Graded<>(scores, x.withRows(new double[][] {gradient}));
        }

        @Override
        public void on(RunEvent event) {
            if (event instanceof RunEvent.Ascended ascended) {
                trace("it.regularization")[ascended.step()] = ascended.priors()[0];
                if (ascended.step() < iterations - 1) {
                    trace("it.grad_norm")[ascended.step()] = ascended.gradientNorms()[0];
                }
            }
        }

        private double[] trace(String name) {
            return traces.computeIfAbsent(name, n -> new double[golden.doubles(n).length]);
        }

        private static Tensor floats(double[] values, long... shape) {
            try (var exact = Tensor.of(values, shape)) {
                return exact.to(DType.FLOAT32);
            }
        }

        private double[] recorded(String name, int at) {
            return Arrays.copyOfRange(golden.doubles(name), at * size, (at + 1) * size);
        }

        private <X extends Vectors<X>> void put(String name, X x) {
            System.arraycopy(x.toRows()[0], 0, trace(name), iteration * size, size);
        }

        /** An optimizer that shows what it is given and what it makes of it; gradients are downhill in the reference. */
        private final class Recorded implements Optimizer {
            private final Optimizer optimizer;

            Recorded(Optimizer optimizer) {
                this.optimizer = optimizer;
            }

            @Override
            public <X extends Vectors<X>> Step<X> step(X x, double[] values, X gradient, Memory<X> memory) {
                try (X downhill = gradient.times(-1)) {
                    put("it.clipped", downhill);
                }
                var step = optimizer.step(x, values, gradient, memory);
                put("it.after", step.next());
                return step;
            }
        }
    }
}
