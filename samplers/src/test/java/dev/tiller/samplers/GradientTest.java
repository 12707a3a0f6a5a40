// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Pullback;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.WeightedReward;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.vae.LatentDecoder;
import dev.tiller.samplers.vae.LatentEncoder;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.RecordedMapLaws;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients of networks and of whole samplers, in float64 against central differences. */
class GradientTest {
    private static final Path PIPELINES = Path.of("src", "test", "resources", "golden", "pipelines");
    private static final Path PIPELINE = PIPELINES.resolve("sd15");
    private static final Path MODELS = Path.of("src", "test", "resources", "golden", "models");

    private static DiffusionKernel sampler(TextToImage model, String scheduler, int steps, double eta) {
        return model.sampler(new Sampling(
                "a red circle",
                "blurry",
                steps,
                new ClassifierFreeGuidance(3, 0.4),
                eta,
                scheduler,
                0,
                0,
                0,
                null,
                Noise.KEYED,
                4));
    }

    /** A map of something that is loaded for each law, and closed after it. */
    abstract static class OfModel<M extends AutoCloseable> extends RecordedMapLaws {
        M model;

        abstract M load();

        @BeforeEach
        void open() {
            model = load();
        }

        @AfterEach
        void close() throws Exception {
            model.close();
            assertEquals(0, Tensor.alive());
        }

        @Override
        protected void noneAlive() {}
    }

    @Nested
    class Encoders extends OfModel<LatentEncoder> {
        @Override
        LatentEncoder load() {
            return LatentEncoder.load(MODELS.resolve("vae_sd15"), DType.FLOAT64, Device.CPU);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return new RecordedMap(model::forward, Checkpointing.ON);
        }

        @Override
        protected long[] from() {
            return new long[] {2, 3, 32, 16};
        }

        @Override
        protected long[] to() {
            return new long[] {2, 8, 4, 2};
        }
    }

    @Nested
    class Decoders extends OfModel<LatentDecoder> {
        @Override
        LatentDecoder load() {
            return LatentDecoder.load(MODELS.resolve("vae_sd15"), DType.FLOAT64, Device.CPU);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return new RecordedMap(model::forward, Checkpointing.ON);
        }

        @Override
        protected long[] from() {
            return new long[] {2, 4, 4, 2};
        }

        @Override
        protected long[] to() {
            return new long[] {2, 3, 32, 16};
        }
    }

    /** A sampler of a tiny pipeline of Stable Diffusion's kind. */
    abstract static class OfSampler extends OfModel<TextToImage> {
        private final Path pipeline;
        private final String scheduler;
        private final double eta;
        DiffusionKernel kernel;

        OfSampler(String scheduler, double eta) {
            this(PIPELINE, scheduler, eta);
        }

        OfSampler(Path pipeline, String scheduler, double eta) {
            this.pipeline = pipeline;
            this.scheduler = scheduler;
            this.eta = eta;
        }

        @Override
        TextToImage load() {
            var loaded = TextToImage.load(pipeline, DType.FLOAT64, Device.CPU);
            kernel = sampler(loaded, scheduler, 2, eta);
            return loaded;
        }

        @AfterEach
        @Override
        void close() throws Exception {
            kernel.close();
            super.close();
        }

        @Override
        protected long[] to() {
            var shape = kernel.rowShape();
            return new long[] {2, shape[0], shape[1], shape[2]};
        }

        @Override
        protected long[] from() {
            return to();
        }

        @Override
        protected double step() {
            return 2e-5;
        }
    }

    /** E[x₀ | x_t]: network, guidance with rescaling, and the scheduler's estimate. */
    @Nested
    class CleanSamples extends OfSampler {
        CleanSamples() {
            super("ddim", 0);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return kernel.clean(1, Checkpointing.ON);
        }
    }

    /** The same of a network that is told a pooled text and sizes beside the prompt. */
    @Nested
    class CleanSamplesOfSdxl extends OfSampler {
        CleanSamplesOfSdxl() {
            super(PIPELINES.resolve("sdxl"), "ddim", 0);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return kernel.clean(1, Checkpointing.ON);
        }
    }

    /** All noises of a stochastic sampler. */
    @Nested
    class AllNoises extends OfSampler {
        AllNoises() {
            super("ddim", 1);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return NoiseToLatents.ofAll(kernel, Checkpointing.ON);
        }

        @Override
        protected long[] from() {
            var row = NoiseToLatents.ofAll(kernel, Checkpointing.ON).rowShape();
            return new long[] {2, row[0], row[1], row[2]};
        }
    }

    /** A solver that remembers the past, so that what a step gives is more than one tensor. */
    @Nested
    class SolversWithMemory extends OfSampler {
        SolversWithMemory() {
            super("dpmpp-2m", 0);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return NoiseToLatents.ofStart(kernel, List.of(), Checkpointing.ON);
        }
    }

    private static void withModel(DType type, ToIntFunction<TextToImage> f) {
        try (var model = TextToImage.load(PIPELINE, type, Device.CPU);
                var scope = Scope.open()) {
            assertTrue(f.applyAsInt(model) + scope.size() > 0);
        }
        assertEquals(0, Tensor.alive());
    }

    /** The sampler that is differentiated is the sampler that is run. */
    @ParameterizedTest
    @EnumSource
    void theMapOfNoiseIsTheSampler(Checkpointing checkpointing) {
        withModel(DType.FLOAT32, model -> {
            try (var kernel = sampler(model, "euler-a", 3, 0)) {
                var noises = Kernels.randn(3, 2, 12, 16, 16);
                var x = kernel.scheduler().start(noises.slice(1, 0, 4));
                for (int i = 0; i < 3; i++) {
                    boolean draws = kernel.scheduler().step(i).next().stochastic();
                    x = kernel.move(i, x, draws ? noises.slice(1, 4 + 4 * i, 8 + 4 * i) : null)
                            .next();
                }
                var map = NoiseToLatents.ofAll(kernel, checkpointing);
                assertArrayEquals(new long[] {12, 16, 16}, map.rowShape());
                try (var tape = map.tape(noises)) {
                    assertArrayEquals(x.sample().toFloats(), tape.value().toFloats(), 2e-4f);
                }
                assertArrayEquals(x.sample().toFloats(), map.apply(noises).toFloats(), 2e-4f);
                // Noise that is given is the same for all rows.
                var one = List.of(
                        noises.rows(0, 1).slice(1, 4, 8), noises.rows(0, 1).slice(1, 8, 12));
                var given = NoiseToLatents.ofStart(kernel, one, checkpointing);
                var first = given.apply(noises.slice(1, 0, 4).gather(new int[] {0, 0}));
                for (int row = 0; row < 2; row++) {
                    assertArrayEquals(
                            x.sample().rows(0, 1).toFloats(),
                            first.rows(row, row + 1).toFloats(),
                            2e-4f);
                }
                assertThrows(
                        IllegalArgumentException.class, () -> NoiseToLatents.ofStart(kernel, List.of(), checkpointing));
            }
            return 1;
        });
    }

    @Test
    void checkpointingChangesNothing() {
        withModel(DType.FLOAT32, model -> {
            try (var kernel = sampler(model, "ddim", 3, 1)) {
                var x = Kernels.randn(3, 2, 16, 16, 16);
                var w = Kernels.randn(4, 2, 4, 16, 16);
                var gradients = new EnumMap<Checkpointing, float[]>(Checkpointing.class);
                for (var checkpointing : Checkpointing.values()) {
                    try (var tape = NoiseToLatents.ofAll(kernel, checkpointing).tape(x)) {
                        gradients.put(checkpointing, tape.pull(w).toFloats());
                    }
                }
                double largest = 0;
                var whole = gradients.get(Checkpointing.OFF);
                for (float g : whole) {
                    largest = Math.max(largest, Math.abs(g));
                }
                assertArrayEquals(whole, gradients.get(Checkpointing.ON), (float) (1e-5 * largest));
                assertArrayEquals(whole, gradients.get(Checkpointing.AUTO), (float) (1e-5 * largest));
            }
            return 1;
        });
    }

    /** r(latents) = −½ |latents|², row by row, whose gradient is known. */
    private static final class Small implements GradedObjective<Tensor> {
        @Override
        public Scores score(Tensor x) {
            return Scores.of(Arrays.stream(x.dotRows(x)).map(s -> -s / 2).toArray());
        }

        @Override
        public GradedObjective.Graded<Tensor> grade(Tensor x) {
            return new GradedObjective.Graded<>(score(x), x.times(-1));
        }
    }

    /** r = the mean red of a picture. */
    private static final class Red implements DifferentiableReward<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("red", "mean red", "0 to 1", true, false);
        }

        @Override
        public double[] score(Images images) {
            try (var red = images.tensor().slice(1, 0, 1);
                    var mean = red.mean(1, 2, 3)) {
                return mean.toDoubles();
            }
        }

        @Override
        public DifferentiableReward.Graded<Images> grade(Images images) {
            try (var scope = Scope.open()) {
                var ones = images.tensor().slice(1, 0, 1).times(0).plus(1);
                var zeros = ones.times(0);
                var mask = Tensor.concat(1, ones, zeros, zeros).dividedBy((double) images.width() * images.height());
                return new DifferentiableReward.Graded<>(score(images), new Images(scope.keep(mask)));
            }
        }
    }

    /** Decoding, clamped to [0, 1], and a sum of rewards. */
    @Test
    void theRewardOfLatentsHasTheGradientOfItsDifferences() {
        withModel(DType.FLOAT32, model -> {
            try (var reward = new WeightedReward<>(List.of(
                    new WeightedReward.Part<Images>("red", 3, new Red()),
                    new WeightedReward.Part<Images>("less", -1, new Red())))) {
                var seen = new ArrayList<Images>();
                var latents = new LatentReward(
                        model.decoder(Checkpointing.ON), Judges.of(reward), 2, (at, images) -> seen.add(images));
                var z = Kernels.randn(6, 2, 4, 8, 8).times(0.1);
                try (var graded = latents.grade(z)) {
                    assertArrayEquals(latents.score(z).total(), graded.scores().total(), 1e-5);
                    var g = graded.gradient();
                    var norms = Arrays.stream(g.dotRows(g)).map(Math::sqrt).toArray();
                    double h = 0.02;
                    var step = g.timesRows(Arrays.stream(norms).map(n -> h / n).toArray());
                    var up = latents.score(z.plus(step)).total();
                    var down = latents.score(z.minus(step)).total();
                    for (int row = 0; row < 2; row++) {
                        assertEquals(norms[row], (up[row] - down[row]) / (2 * h), 0.03 * norms[row]);
                    }
                }
                assertEquals(4, seen.size());
                assertEquals(8, latents.cost().decodes());
                assertEquals(16, latents.cost().rewardCalls());
            }
            return 1;
        });
    }

    @Test
    void theObjectiveCountsAndDoesNotDependOnTheBatch() {
        withModel(DType.FLOAT32, model -> {
            try (var kernel = sampler(model, "euler", 2, 0)) {
                var map = NoiseToLatents.ofStart(kernel, List.of(), Checkpointing.AUTO);
                var noise = Noise.KEYED.rows(3, Key.of(5), map.rowShape());
                var together = new NoiseObjective(map, new Small(), 2);
                var oneByOne = new NoiseObjective(map, new Small(), 1);
                try (var a = together.grade(noise);
                        var b = oneByOne.grade(noise)) {
                    assertArrayEquals(a.scores().total(), b.scores().total(), 1e-2);
                    assertArrayEquals(together.score(noise).total(), a.scores().total(), 1e-2);
                    double largest = a.gradient().abs().toDoubles()[0];
                    assertArrayEquals(a.gradient().toFloats(), b.gradient().toFloats(), (float) (1e-3 * (1 + largest)));
                }
                // Three rows, two steps, guided by two prompts; scored once more.
                assertEquals(24, together.cost().networkEvaluations());
                assertEquals(12, together.cost().backwardPasses());
                assertEquals(12, oneByOne.cost().networkEvaluations());
            }
            return 1;
        });
    }
}
