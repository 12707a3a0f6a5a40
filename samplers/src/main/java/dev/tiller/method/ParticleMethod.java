// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.Decision;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.smc.SmcRun;
import dev.tiller.smc.SteeringPlan;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.function.Function;

/** Particles steered by the engine of {@link SmcRun}: methods differ in their plan, and in the kernel that moves. */
abstract class ParticleMethod implements Method {
    /** What the plan means to the engine. */
    abstract SteeringPlan steering(RunPlan plan);

    /** What moves the particles. */
    Kernel<Latents> kernel(Prepared on) {
        return on.kernel();
    }

    /**
     * What moves the particles, and what values them.
     *
     * @param objective shows the pictures that it looks at
     */
    record Steered(Kernel<Latents> kernel, Function<PictureViewer, Objective<Latents>> objective) {}

    Steered steered(Prepared on) {
        return new Steered(kernel(on), on::objective);
    }

    static int particles(RunPlan plan) {
        int particles = plan.get(RunPlan.PARTICLES);
        if (particles < 1 || particles > 65_536) {
            throw new TillerException("The number of particles must be from 1 to 65536, not " + particles + ".");
        }
        return particles;
    }

    @Override
    public void check(RunPlan plan) {
        steering(plan);
    }

    @Override
    public ResumableRun start(Prepared on, Key key, Audience audience) {
        var plan = steering(on.plan());
        var steered = steered(on);
        var watch = new ParticleWatch(steered.kernel(), on.sampler(), plan.schedule(), audience);
        return new Particles(
                SmcRun.start(watch, steered.objective().apply(watch), plan, key, audience.manifest(), audience.array()),
                on);
    }

    @Override
    public ResumableRun resume(SafeTensors state, Prepared on, Key key, Audience audience) {
        var plan = steering(on.plan());
        var steered = steered(on);
        var watch = new ParticleWatch(steered.kernel(), on.sampler(), plan.schedule(), audience);
        try (var snapshot = SavedParticles.read(state, on.model().device())) {
            return new Particles(
                    SmcRun.resume(snapshot, watch, steered.objective().apply(watch), plan, key, audience.array()), on);
        }
    }

    @Override
    public boolean branches() {
        return true;
    }

    private record Particles(SmcRun<Latents> run, Prepared on) implements ResumableRun {
        @Override
        public void decide(Decision decision) {
            // At its end the run refuses every decision, and the reward goes on being asked.
            if (run.hasNext() && decision instanceof Decision.Reweigh reweigh) {
                on.reweigh(reweigh.weights());
            }
            run.decide(decision);
        }

        @Override
        public boolean hasNext() {
            return run.hasNext();
        }

        @Override
        public StepReport next() {
            return run.next();
        }

        @Override
        public int[] order() {
            return run.order();
        }

        @Override
        public void save(SafeTensorsWriter to) {
            SavedParticles.write(run.snapshot(), to);
        }

        @Override
        public void close() {
            run.close();
        }
    }
}
