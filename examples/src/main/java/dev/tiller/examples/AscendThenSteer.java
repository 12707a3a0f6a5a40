// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.ascent.AscentSnapshot;
import dev.tiller.ascent.NoiseAscent;
import dev.tiller.ascent.Published;
import dev.tiller.record.EventLog;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Judges;
import dev.tiller.samplers.LatentReward;
import dev.tiller.samplers.Noise;
import dev.tiller.samplers.NoiseObjective;
import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.smc.Key;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Two methods, one after the other, and what they come to in numbers. Noise climbs CLIP's reward through a short sampler without
 * noise (ReNO); particles start from where it came to and are steered (FK), and what happens to them is recorded and read again.
 *
 * <p>Noise that was chosen is not the model's any more: log Z is log E[exp(lambda r)] of the sampler from these starts.
 */
public final class AscendThenSteer {
    private static final double LAMBDA = 3;

    private AscendThenSteer() {}

    /**
     * What came out.
     *
     * @param ascended the largest reward of each ascent
     * @param rewards of the final particles
     * @param logWeights of the final particles, unnormalised
     * @param logEvidence the estimate of log Z
     */
    record Found(double[] ascended, double[] rewards, double[] logWeights, double logEvidence) {}

    /** @param log where the particles' events are recorded; must not exist */
    static Found run(String prompt, int particles, int iterations, int steps, Path log) {
        var models = ModelLocator.ofEnvironment(System.getenv());
        var few = Sampling.of(prompt)
                .withSteps(2)
                .withGuidance(ClassifierFreeGuidance.of(1))
                .withEta(0);
        try (var model = TextToImage.load(models.locate("scenes"), DType.FLOAT32, Device.CPU);
                var reward = RewardCatalogue.load(Images.class)
                        .create(RewardExpression.parse("clip"), new RewardRequest(prompt, models::locate));
                var sampler = model.sampler(few)) {
            var map = NoiseToLatents.ofStart(sampler, List.of(), Checkpointing.AUTO);
            var pictures = new LatentReward(
                    model.decoder(Checkpointing.AUTO), Judges.of(reward), particles, LatentReward.Viewer.NONE);
            var plan = Published.RENO_SD_TURBO.plan().withIterations(iterations);
            try (var start = Noise.KEYED.rows(particles, Key.of(1), map.rowShape());
                    var ascent = NoiseAscent.start(
                            new NoiseObjective(map, pictures, particles),
                            plan,
                            start,
                            Key.of(1),
                            RunManifest.of(prompt, 1))) {
                ascent.finish();
                return steer(model, reward, prompt, ascent.snapshot(), steps, log);
            }
        }
    }

    private static Found steer(
            TextToImage model,
            WeightedReward<Images> reward,
            String prompt,
            AscentSnapshot<Tensor> from,
            int steps,
            Path log) {
        int n = from.best().size();
        var ascended = IntStream.range(0, n).mapToDouble(from::bestReward).toArray();
        var how = Sampling.of(prompt)
                .withSteps(steps)
                .withNoise((rows, key, rowShape) -> from.best().copy());
        var objective = new ImageObjective(model::decode, reward, n, ImageObjective.Viewer.NONE);
        var plan = SteeringPlan.fk(n, LAMBDA, ScoringSchedule.from(steps / 3, 2));
        try (var sampler = model.sampler(how);
                var events = EventLog.create(log);
                var run = SmcRun.start(sampler, objective, plan, Key.of(7), RunManifest.of(prompt, 7), events)) {
            run.finish();
            var ledger = run.snapshot().ledger();
            return new Found(
                    ascended,
                    ledger.rewards(),
                    ledger.weights().toArray(),
                    run.snapshot().logEvidence());
        }
    }

    /** The effective sample size after each scoring, as a recorded run has it. */
    static double[] sampleSizes(Path log) {
        var sizes = DoubleStream.builder();
        EventLog.replay(log, event -> {
            if (event instanceof RunEvent.Scored scored) {
                sizes.add(scored.ess());
            }
        });
        return sizes.build().toArray();
    }

    public static void main(String[] args) {
        var log = Path.of(args.length > 0 ? args[0] : "events.jsonl");
        var found = run("a photo of three stars", 4, 5, 20, log);
        System.out.println("after the ascent   " + Arrays.toString(found.ascended()));
        System.out.println("after steering     " + Arrays.toString(found.rewards()));
        System.out.println("log weights        " + Arrays.toString(found.logWeights()));
        System.out.printf(Locale.ROOT, "log Z              %.3f%n", found.logEvidence());
        System.out.println("effective samples  " + Arrays.toString(sampleSizes(log)));
    }
}
