// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.guide.Guide;
import dev.tiller.guide.GuidedKernel;
import dev.tiller.guide.RewardGuidance;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.samplers.GuidancePresets;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Judges;
import dev.tiller.samplers.LatentReward;
import dev.tiller.samplers.ParticleReward;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.util.Arrays;
import java.util.Locale;

/** The embedded model guided by the gradient of CLIP, against itself from the same noises; then particles weighed for it (TDS). */
public final class GuideAPicture {
    private GuideAPicture() {}

    /** Mean rewards of the pictures. */
    record Rewards(double unguided, double guided, double particles) {}

    static Rewards run(String prompt, int pictures, int steps) {
        var models = ModelLocator.ofEnvironment(System.getenv());
        try (var model = TextToImage.load(models.locate("scenes"), DType.FLOAT32, Device.CPU);
                var clip = RewardCatalogue.load(Images.class)
                        .create(RewardExpression.parse("clip"), new RewardRequest(prompt, models::locate));
                var sampler = model.sampler(Sampling.of(prompt).withSteps(steps))) {
            var objective = new ImageObjective(model::decode, clip, pictures, ImageObjective.Viewer.NONE);
            // Latents are decoded and judged, and the gradient comes back the same way.
            var reward = new ParticleReward(new LatentReward(
                    model.decoder(Checkpointing.AUTO), Judges.of(clip), pictures, LatentReward.Viewer.NONE));
            Guide<Latents> guide = new RewardGuidance<>(reward, GuidancePresets.named("freedom"));
            var independent = SteeringPlan.bestOf(pictures, 1);
            Guide<Latents> proposal = new RewardGuidance<>(reward, GuidancePresets.named("tds"));
            var together = SteeringPlan.fk(pictures, 1, ScoringSchedule.from(steps / 3, 1));
            return new Rewards(
                    mean(sampler, objective, independent),
                    mean(GuidedKernel.sampler(sampler, guide), objective, independent),
                    mean(GuidedKernel.proposal(sampler, proposal), objective, together));
        }
    }

    private static double mean(Kernel<Latents> kernel, ImageObjective objective, SteeringPlan plan) {
        try (var run = SmcRun.start(kernel, objective, plan, Key.of(7))) {
            run.finish();
            return Arrays.stream(run.snapshot().ledger().rewards()).average().orElseThrow();
        }
    }

    public static void main(String[] args) {
        var rewards = run("a photo of three stars", 4, 30);
        System.out.printf(
                Locale.ROOT,
                "CLIP's reward: unguided %.3f, guided %.3f, guided particles %.3f%n",
                rewards.unguided(),
                rewards.guided(),
                rewards.particles());
    }
}
