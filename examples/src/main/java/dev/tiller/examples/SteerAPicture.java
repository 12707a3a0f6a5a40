// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.smc.Key;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import javax.imageio.ImageIO;

/** {@code tiller run} as a program: load a model, choose a reward, run step by step, watch the events. */
public final class SteerAPicture {
    private SteerAPicture() {}

    /** The best picture of a few particles. */
    public static BufferedImage run(String prompt, int particles, int steps, RunListener listener) {
        var models = ModelLocator.ofEnvironment(System.getenv());
        var rewards = RewardCatalogue.load(Images.class);
        var plan = SteeringPlan.fk(particles, 3, ScoringSchedule.from(steps / 3, Math.max(1, steps / 10)));
        try (var model = TextToImage.load(models.locate("scenes"), DType.FLOAT32, Device.CPU);
                var reward = rewards.create(RewardExpression.parse("clip"), new RewardRequest(prompt, models::locate));
                var sampler = model.sampler(Sampling.of(prompt).withSteps(steps))) {
            var objective = new ImageObjective(model::decode, reward, particles, ImageObjective.Viewer.NONE);
            try (var run = SmcRun.start(sampler, objective, plan, Key.of(7), RunManifest.of(prompt, 7), listener)) {
                while (run.hasNext()) {
                    run.next(); // here one may look, stop, or save run.snapshot()
                }
                try (var best = run.snapshot().population().sample().gather(new int[] {run.order()[0]});
                        var images = model.decode(best)) {
                    return picture(images);
                }
            }
        }
    }

    private static BufferedImage picture(Images images) {
        var picture = new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = images.rgb8(0);
        for (int i = 0; i < rgb.length / 3; i++) {
            int colour = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
            picture.setRGB(i % images.width(), i / images.width(), colour);
        }
        return picture;
    }

    public static void main(String[] args) throws IOException {
        var picture = run(
                "a photo of three stars",
                4,
                50,
                event -> System.out.println(event.getClass().getSimpleName()));
        ImageIO.write(picture, "png", new File("three-stars.png"));
    }
}
