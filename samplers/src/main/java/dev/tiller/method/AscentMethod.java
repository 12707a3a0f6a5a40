// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.ascent.AscentSnapshot;
import dev.tiller.ascent.NoiseAscent;
import dev.tiller.run.StepReport;
import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.smc.Key;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.List;
import java.util.Set;

/** Noise that climbs the reward by gradients: methods differ in which noises, and in their settings. */
abstract class AscentMethod implements Method {
    /** The sampler as a map of the noise that is optimised. */
    abstract NoiseToLatents map(Prepared on, Key key);

    @Override
    public List<Option<?>> options() {
        return AscentOptions.ALL;
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.GRADIENT);
    }

    @Override
    public void check(RunPlan plan) {
        ParticleMethod.particles(plan);
        AscentOptions.ascent(plan);
        AscentOptions.previewEvery(plan);
    }

    @Override
    public long moves(RunPlan plan, int steps) {
        return Method.super.moves(plan, steps) * plan.get(AscentOptions.ITERATIONS);
    }

    @Override
    public ResumableRun start(Prepared on, Key key, Audience audience) {
        var plan = on.plan();
        on.requireGradients();
        on.requireHeldOutOf(plan.get(RunPlan.PARTICLES));
        var pictures = pictures(plan, audience);
        var map = map(on, key);
        try (var start = on.startNoise(plan.get(RunPlan.PARTICLES), key.at(0), map.rowShape())) {
            return new Ascent(
                    NoiseAscent.start(
                            on.graded(map, pictures),
                            AscentOptions.ascent(plan),
                            start,
                            key.at(2),
                            audience.manifest(),
                            pictures),
                    pictures);
        }
    }

    @Override
    public ResumableRun resume(SafeTensors state, Prepared on, Key key, Audience audience) {
        var pictures = pictures(on.plan(), audience);
        pictures.restore(state);
        try (var snapshot = SavedAscent.read(state, on.model().device())) {
            return new Ascent(
                    NoiseAscent.resume(
                            snapshot,
                            on.graded(map(on, key), pictures),
                            AscentOptions.ascent(on.plan()),
                            key.at(2),
                            pictures),
                    pictures);
        }
    }

    private static SlotPictures pictures(RunPlan plan, Audience audience) {
        return new SlotPictures(audience.pictures(), audience.listeners(), AscentOptions.previewEvery(plan));
    }

    private record Ascent(NoiseAscent<Tensor> run, SlotPictures pictures) implements ResumableRun {
        @Override
        public boolean hasNext() {
            return run.hasNext();
        }

        @Override
        public StepReport next() {
            pictures.expect(run.snapshot().climbing());
            return run.next();
        }

        @Override
        public int[] order() {
            return run.order();
        }

        @Override
        public void save(SafeTensorsWriter to) {
            AscentSnapshot<Tensor> snapshot = run.snapshot();
            SavedAscent.write(snapshot, to);
            pictures.save(to);
        }

        @Override
        public void close() {
            run.close();
        }
    }
}
