// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.ascent.Adam;
import dev.tiller.ascent.AscentPlan;
import dev.tiller.ascent.NoiseAscent;
import dev.tiller.ascent.NoisePrior;
import dev.tiller.ascent.NormPrior;
import dev.tiller.ascent.Optimizer;
import dev.tiller.ascent.Sgd;
import dev.tiller.gradient.GradedObjective;
import dev.tiller.nn.clip.ClipModel;
import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.potentials.clip.ClipImageProcessor;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.Judges;
import dev.tiller.samplers.LatentReward;
import dev.tiller.samplers.Noise;
import dev.tiller.samplers.NoiseObjective;
import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import dev.tiller.smc.Key;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Whole ascents of ReNO's own training loop, in every iterate, in float32 on the CPU: noise, pictures, rewards, gradients,
 * clipping, steps, and which iterate is best; and the
 * prior, at the reference's iterates. The pipeline and the CLIP model are others of the same set.
 */
public final class RenoParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("reno");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var set = golden.directory().resolve("..").resolve("..").normalize();
        try (var model = TextToImage.load(set.resolve("pipelines").resolve("sd15"), DType.FLOAT32, Device.CPU);
                var clip = ClipModel.load(set.resolve("models").resolve("clip_model"), DType.FLOAT32, Device.CPU);
                var workers = new Workers(1);
                var scope = Scope.open();
                var sampler = sampler(golden, model, workers)) {
            var draws = (int) sampler.scheduler().steps().stream()
                    .filter(step -> step.next().stochastic())
                    .count();
            var given = new ArrayList<Tensor>();
            for (int i = 0; i < draws; i++) {
                given.add(tensor(golden, "in.scheduler_noise." + i));
            }
            var trace = new Trace(golden);
            var pixels = ClipImageProcessor.of(ModelConfig.of(
                    golden.toString(),
                    "{\"size\": {\"shortest_edge\": %1$d}, \"crop_size\": %1$d}"
                            .formatted(parameter(golden, "preprocess_size").asInt())));
            var texts = clip.texts(Tensor.of(golden.longs("in.clip_input_ids"), golden.shape("in.clip_input_ids")));
            var target = tensor(golden, "in.target");
            var weights = parameter(golden, "reward_weights");
            var rewards = List.of(
                    new WeightedReward.Part<Images>(
                            "CLIP",
                            weights.path("CLIP").asDouble(),
                            new Recorded(
                                    "CLIP",
                                    x -> clip.logits(clip.pictures(pixels.smooth(x)), texts)
                                            .minus(100))),
                    new WeightedReward.Part<Images>(
                            "MSE",
                            weights.path("MSE").asDouble(),
                            new Recorded(
                                    "MSE",
                                    x -> pixels.smooth(x)
                                            .minus(target)
                                            .square()
                                            .mean(1, 2, 3)
                                            .reshape(1, 1)
                                            .negate())));
            try (var reward = new WeightedReward<>(rewards)) {
                var latents =
                        new LatentReward(model.decoder(Checkpointing.ON), Judges.of(reward), 1, (found, images) -> {
                            trace.add("it.image", images.tensor());
                            try (var seen = pixels.smooth(images.tensor())) {
                                trace.add("it.pre", seen);
                            }
                        });
                trace.ascend(
                        new NoiseObjective(NoiseToLatents.ofStart(sampler, given, Checkpointing.ON), latents, 1),
                        report);
            }
        }
    }

    private static DiffusionKernel sampler(Golden golden, TextToImage model, Workers workers) {
        try (var states = model.textEncoder()
                .encode(List.of(golden.meta().path("prompt").asText()), 0)
                .states()) {
            long[] row = golden.shape("in.noise");
            return new DiffusionKernel(
                    model.unet(),
                    SchedulerConfig.read(golden.file("scheduler_config.json"))
                            .plan(parameter(golden, "n_inference_steps").asInt()),
                    model.unet().prepare(states),
                    ClassifierFreeGuidance.of(
                            parameter(golden, "guidance_scale").asDouble()),
                    false,
                    new long[] {row[1], row[2], row[3]},
                    Noise.KEYED,
                    1,
                    workers,
                    Device.CPU);
        }
    }

    private static JsonNode parameter(Golden golden, String name) {
        return golden.meta().path("parameters").path(name);
    }

    private static Tensor tensor(Golden golden, String name) {
        return Tensor.of(golden.floats(name), golden.shape(name));
    }

    /** A reward that is a recorded map of one picture to 1×1. */
    private record Recorded(String name, UnaryOperator<Tensor> f) implements DifferentiableReward<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo(name, "a term of the reference's loss, negated", "as the reference's", true, false);
        }

        @Override
        public double[] score(Images images) {
            try (var value = new RecordedMap(f, Checkpointing.ON).apply(images.tensor())) {
                return value.toDoubles();
            }
        }

        @Override
        public DifferentiableReward.Graded<Images> grade(Images images) {
            try (var tape = new RecordedMap(f, Checkpointing.ON).tape(images.tensor());
                    var one = Tensor.of(new float[] {1}, 1, 1)) {
                return new DifferentiableReward.Graded<>(tape.value().toDoubles(), new Images(tape.pull(one)));
            }
        }
    }

    /** What an ascent went through, under the reference's names. */
    private static final class Trace {
        private final Golden golden;
        private final Map<String, List<double[]>> seen = new TreeMap<>();

        Trace(Golden golden) {
            this.golden = golden;
        }

        void add(String name, Tensor tensor) {
            add(name, tensor.toDoubles());
        }

        void add(String name, double... values) {
            seen.computeIfAbsent(name, n -> new ArrayList<>()).add(values);
        }

        void ascend(GradedObjective<Tensor> objective, ParityReport report) {
            var plan = plan();
            var watched = new GradedObjective<Tensor>() {
                @Override
                public Scores score(Tensor x) {
                    return objective.score(x);
                }

                @Override
                public GradedObjective.Graded<Tensor> grade(Tensor x) {
                    var graded = objective.grade(x);
                    watchGradient(plan, x, graded.gradient());
                    return graded;
                }
            };
            var manifest = RunManifest.of("", 0);
            try (var start = tensor(golden, "in.noise");
                    var run = NoiseAscent.start(watched, plan, start, Key.of(0), manifest)) {
                for (int i = 0; i < plan.iterations(); i++) {
                    var x = run.snapshot().iterate();
                    add("it.latents", x);
                    add("it.latent_norm", Math.sqrt(x.dotRows(x)[0]));
                    try (var reference = start.withRows(new double[][] {latents(i, start)});
                            var price = plan.prior().price(reference, new Key[] {Key.of(0)})) {
                        add("it.regularization", price.values());
                    }
                    run.next();
                    var scores = run.snapshot().history().get(i);
                    add("it.reward_total", -scores.total()[0]);
                    scores.parts()
                            .forEach(
                                    (name, values) -> add("it." + name.toLowerCase(Locale.ROOT) + "_loss", -values[0]));
                    if (i < plan.iterations() - 1) {
                        add("it.after", run.snapshot().iterate());
                    }
                }
                int best = run.snapshot().bestStep()[0];
                int expected = golden.meta().path("best_iteration").asInt();
                if (best != expected) {
                    throw new TillerException("The best iteration is " + best + ", the reference's " + expected + ".");
                }
            }
            for (var name : golden.results().keySet()) {
                var all = seen.getOrDefault(name, List.of());
                var values = all.stream().flatMapToDouble(Arrays::stream).toArray();
                var shape = golden.shape(name).clone();
                shape[0] = all.size();
                report.compare(golden, name, values, shape);
            }
        }

        /** The reference's iterate: its tolerance for the prior has no room for that of the noise, see the overshooting one. */
        private double[] latents(int iteration, Tensor like) {
            int size = like.dimensions();
            return Arrays.copyOfRange(golden.doubles("it.latents"), iteration * size, (iteration + 1) * size);
        }

        /** The reference minimises: its gradient is that of the loss. */
        private void watchGradient(AscentPlan plan, Tensor x, Tensor uphill) {
            try (var price = plan.prior().price(x, new Key[] {Key.of(0)});
                    var gradient = price.gradient().minus(uphill)) {
                double norm = Math.sqrt(gradient.dotRows(gradient)[0]);
                add("it.grad", gradient);
                add("it.grad_norm", norm);
                try (var clipped = gradient.times(Math.min(1, plan.clip() / (norm + 1e-6)))) {
                    add("it.clipped", clipped);
                }
            }
        }

        private AscentPlan plan() {
            double rate = parameter(golden, "lr").asDouble();
            Optimizer optimizer = parameter(golden, "optimizer").asText().equals("adam")
                    ? new Adam(rate, 0.9, 0.999, parameter(golden, "adam_eps").asDouble(), 0)
                    : new Sgd(
                            rate,
                            parameter(golden, "momentum").asDouble(),
                            parameter(golden, "nesterov").asBoolean());
            var prior = parameter(golden, "regularize").asBoolean()
                    ? new NormPrior(parameter(golden, "regularization_weight").asDouble())
                    : NoisePrior.NONE;
            return AscentPlan.of(parameter(golden, "n_iters").asInt(), optimizer)
                    .withClip(parameter(golden, "grad_clip").asDouble())
                    .withPrior(prior);
        }
    }
}
