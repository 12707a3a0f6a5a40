// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.run.TillerException;
import org.jspecify.annotations.Nullable;

/**
 * How a picture is to be sampled from a text-to-image model.
 *
 * @param prompt what the picture should show
 * @param negative what the picture should not show; empty for nothing
 * @param steps of the scheduler, at least 1
 * @param guidance classifier-free guidance
 * @param eta noise of DDIM and of flows, from 0, deterministic, to 1; ignored by other schedulers, which fix their own
 * @param scheduler one of {@code SchedulerConfig.solverNames()}; null for the checkpoint's own
 * @param width in pixels; 0 for the checkpoint's own
 * @param height in pixels; 0 for the checkpoint's own
 * @param clipSkip how many of the text encoder's last layers are skipped for the prompt, 0 for none; the negative prompt
 *     is read by all, as in diffusers
 * @param sizes what an SDXL network is told of the picture's size; null for {@link SizeConditioning#of the picture's own}
 * @param noise of the first sample
 * @param microBatch particles through the network at a time; 0 to choose by the size of the picture
 */
public record Sampling(
        String prompt,
        String negative,
        int steps,
        ClassifierFreeGuidance guidance,
        double eta,
        @Nullable String scheduler,
        int width,
        int height,
        int clipSkip,
        @Nullable SizeConditioning sizes,
        Noise noise,
        int microBatch) {
    /** @throws TillerException if steps, size or micro-batch are out of range */
    public Sampling {
        if (steps < 1 || steps > 10_000) {
            throw new TillerException("The number of steps must be from 1 to 10000, not " + steps + ".");
        }
        if (width < 0 || height < 0 || width > 8192 || height > 8192) {
            throw new TillerException(
                    "The size of the picture must be from 8 to 8192 pixels, not " + width + "x" + height + ".");
        }
        if (microBatch < 0) {
            throw new TillerException("The micro-batch must be at least 1 (or 0 to choose), not " + microBatch + ".");
        }
    }

    /** 50 steps with noise (η = 1), guidance 3, everything else as the checkpoint has it. */
    public static Sampling of(String prompt) {
        return new Sampling(prompt, "", 50, ClassifierFreeGuidance.of(3), 1, null, 0, 0, 0, null, Noise.KEYED, 0);
    }

    /** With so many steps, 1 to 10000. */
    public Sampling withSteps(int newSteps) {
        return with(newSteps, guidance, eta, scheduler, noise);
    }

    /** With one of {@code SchedulerConfig.solverNames()} in the place of the checkpoint's own. */
    public Sampling withScheduler(String newScheduler) {
        return with(steps, guidance, eta, newScheduler, noise);
    }

    /** With another classifier-free guidance. */
    public Sampling withGuidance(ClassifierFreeGuidance newGuidance) {
        return with(steps, newGuidance, eta, scheduler, noise);
    }

    /** With noise of η on the way: 0 for a deterministic sampler, 1 for as much as DDPM draws. */
    public Sampling withEta(double newEta) {
        return with(steps, guidance, newEta, scheduler, noise);
    }

    /** With a first sample of one's own, such as noise that was optimised. */
    public Sampling withNoise(Noise newNoise) {
        return with(steps, guidance, eta, scheduler, newNoise);
    }

    private Sampling with(
            int newSteps,
            ClassifierFreeGuidance newGuidance,
            double newEta,
            @Nullable String newScheduler,
            Noise newNoise) {
        return new Sampling(
                prompt,
                negative,
                newSteps,
                newGuidance,
                newEta,
                newScheduler,
                width,
                height,
                clipSkip,
                sizes,
                newNoise,
                microBatch);
    }
}
