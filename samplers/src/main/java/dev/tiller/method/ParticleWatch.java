// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.LatentColours;
import dev.tiller.samplers.Sketch;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tells an audience where the particles are, after each move of a kernel, and how they look with their noise, where it sees
 * pictures of the clean ones. It stands between a run and its kernel and pictures, and changes neither.
 */
final class ParticleWatch implements Kernel<Latents>, PictureViewer {
    private final Kernel<Latents> kernel;
    private final DiffusionKernel sampler;
    private final ScoringSchedule schedule;
    private final Audience audience;
    private @Nullable Moved moved;

    /** What the last scored move began with and came to, and the pictures of it that were seen so far. */
    private record Moved(float[] noisy, float[] clean, Pixels[] pictures) {}

    /**
     * @param sampler says at which level of noise each step begins
     * @param schedule of the run: when there are pictures
     */
    ParticleWatch(Kernel<Latents> kernel, DiffusionKernel sampler, ScoringSchedule schedule, Audience audience) {
        this.kernel = kernel;
        this.sampler = sampler;
        this.schedule = schedule;
        this.audience = audience;
    }

    @Override
    public int steps() {
        return kernel.steps();
    }

    @Override
    public boolean stochastic() {
        return kernel.stochastic();
    }

    @Override
    public Latents start(int n, Key key) {
        return kernel.start(n, key);
    }

    @Override
    public Cost cost() {
        return kernel.cost();
    }

    @Override
    public Move<Latents> move(int step, Latents x, Key key) {
        var move = kernel.move(step, x, key);
        try {
            var clean = step == steps() - 1 ? move.next() : move.clean();
            var located = new RunEvent.Located(step, Sketch.of(clean.sample()));
            audience.listeners().forEach(listener -> listener.on(located));
            moved = audience.pictures() != PictureViewer.NONE && schedule.scores(step, steps())
                    ? new Moved(floats(x.sample()), floats(clean.sample()), new Pixels[x.size()])
                    : null;
            return move;
        } catch (RuntimeException | Error e) {
            move.close();
            throw e;
        }
    }

    private static float[] floats(Tensor tensor) {
        try (var scope = Scope.open()) {
            return tensor.to(DType.FLOAT32).toFloats();
        }
    }

    @Override
    public void see(Stage stage, int step, int slot, Pixels picture) {
        audience.pictures().see(stage, step, slot, picture);
        var now = moved;
        if (now != null) {
            now.pictures()[slot] = picture;
            if (slot == now.pictures().length - 1) {
                moved = null;
                noisy(step, now);
            }
        }
    }

    /** The colours are fitted to this step alone, so that a run that was resumed shows the same. */
    private void noisy(int step, Moved now) {
        var shape = sampler.rowShape();
        int channels = (int) shape[0];
        int height = (int) shape[1];
        int width = (int) shape[2];
        int factor = now.pictures()[0].width() / width;
        var rgb = Arrays.stream(now.pictures()).map(Pixels::rgb8).toArray(byte[][]::new);
        var colours = LatentColours.fit(channels, height, width, now.clean(), rgb, factor);
        var level = sampler.scheduler().step(step);
        // As large as clean latents are, whatever a scheduler makes of them.
        double scale = 1 / Math.hypot(level.alpha(), level.sigma());
        for (int slot = 0; slot < rgb.length; slot++) {
            var pixels = colours.apply(now.noisy(), slot, height * width, scale);
            audience.pictures().see(Stage.NOISY, step, slot, new Pixels(width, height, pixels));
        }
    }
}
