// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.TillerException;
import dev.tiller.samplers.Guidance;
import dev.tiller.samplers.Noise;
import dev.tiller.samplers.Sampling;
import dev.tiller.smc.Potential;
import dev.tiller.smc.Resampling;
import dev.tiller.smc.ResamplingScheme;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;

/** What a {@link RunPlan} means to the sampler and to the particle engine. */
final class Plans {
    private Plans() {}

    static Sampling sampling(RunPlan plan) {
        return new Sampling(
                plan.prompt(),
                plan.negative(),
                plan.steps(),
                Guidance.of(plan.guidance()),
                plan.eta(),
                plan.scheduler().isEmpty() ? null : plan.scheduler(),
                plan.width(),
                plan.height(),
                0,
                plan.torchSeed() == null ? Noise.KEYED : Noise.torch(plan.torchSeed()),
                plan.microBatch());
    }

    static SteeringPlan steering(RunPlan plan) {
        if (plan.particles() < 1 || plan.particles() > 65_536) {
            throw new TillerException("The number of particles must be from 1 to 65536, not " + plan.particles() + ".");
        }
        return switch (plan.method()) {
            case "base" -> SteeringPlan.bestOf(plan.particles(), 0);
            case "bon" -> SteeringPlan.bestOf(plan.particles(), plan.lambda());
            case "fk" ->
                SteeringPlan.fk(plan.particles(), plan.lambda(), schedule(plan))
                        .withPotential(Potential.named(plan.potential()))
                        .withResampling(resampling(plan));
            case "svdd" ->
                SteeringPlan.svdd(families(plan), plan.children(), plan.lambda(), schedule(plan))
                        .withPotential(Potential.named(plan.potential()));
            default ->
                throw new TillerException(
                        "There is no method '" + plan.method() + "'; there are base, bon, fk and svdd.");
        };
    }

    static DType dtype(RunPlan plan) {
        return switch (plan.dtype()) {
            case "float32" -> DType.FLOAT32;
            case "bfloat16" -> DType.BFLOAT16;
            case "float16" -> {
                if (Device.parse(plan.device()).isCpu()) {
                    throw new TillerException("float16 is for CUDA; on the CPU use float32 or bfloat16.");
                }
                yield DType.FLOAT16;
            }
            default ->
                throw new TillerException(
                        "There is no dtype '" + plan.dtype() + "'; there are float32, bfloat16 and float16.");
        };
    }

    /** svdd spends the same number of network evaluations as the other methods: its families share the particles. */
    private static int families(RunPlan plan) {
        if (plan.children() < 2 || plan.particles() % plan.children() != 0) {
            throw new TillerException("With svdd the particles are families of equal size: " + plan.particles()
                    + " particles cannot be families of " + plan.children() + " children.");
        }
        return plan.particles() / plan.children();
    }

    private static ScoringSchedule schedule(RunPlan plan) {
        if (plan.resampleFrom() < 1 || plan.resampleEvery() < 1) {
            throw new TillerException(
                    "Resampling starts after step 1 or later, and comes every 1 or more steps, not after "
                            + plan.resampleFrom() + " every " + plan.resampleEvery() + ".");
        }
        return plan.resampleFrom() >= plan.steps()
                ? ScoringSchedule.lastOnly()
                : ScoringSchedule.from(plan.resampleFrom() - 1, plan.resampleEvery());
    }

    private static Resampling resampling(RunPlan plan) {
        var scheme = ResamplingScheme.named(plan.resampler());
        return plan.essThreshold() == 1
                ? Resampling.always(scheme)
                : Resampling.whenEssBelow(plan.essThreshold(), scheme);
    }
}
