// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.method.PictureViewer.Pixels;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunListener;
import dev.tiller.samplers.LatentReward;
import dev.tiller.samplers.Sketch;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * The pictures of runs whose answer is not their last population: of each slot the best picture so far is kept, shown as
 * {@link Stage#CLEAN} at some iterations, and as {@link Stage#FINAL} when the run ends. Stands between the run and its
 * listeners, because pictures and places are told before the event that they belong to.
 */
final class SlotPictures implements LatentReward.Viewer, RunListener {
    private record Best(double reward, Pixels picture) {}

    private final PictureViewer viewer;
    private final List<RunListener> listeners;
    private final int showEvery;
    private final TreeMap<Integer, Best> best = new TreeMap<>();
    private final TreeMap<Integer, Pixels> seen = new TreeMap<>();
    private final TreeMap<Integer, double[]> places = new TreeMap<>();
    private int[] expected = {};
    private int next;
    private int lastStep;

    /** @param showEvery iterations from one that is shown to the next; the first is shown */
    SlotPictures(PictureViewer viewer, List<RunListener> listeners, int showEvery) {
        this.viewer = viewer;
        this.listeners = listeners;
        this.showEvery = showEvery;
    }

    /** The next pictures are of these slots, in order. */
    void expect(int[] slots) {
        expected = slots;
        next = 0;
        seen.clear();
        places.clear();
    }

    @Override
    public void see(Tensor latents, Images images) {
        var sketches = Sketch.of(latents);
        for (int row = 0; row < images.size(); row++) {
            places.put(expected[next], sketches[row]);
            seen.put(expected[next++], new Pixels(images.width(), images.height(), images.rgb8(row)));
        }
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof Expanded expanded) {
            descend(expanded.parents());
        } else if (event instanceof Scored scored) {
            lastStep = scored.step();
            located(scored);
            scored(scored);
        } else if (event instanceof RunEnded ended && ended.outcome() instanceof Outcome.Completed) {
            best.forEach((slot, b) -> viewer.see(Stage.FINAL, lastStep, slot, b.picture()));
        }
        listeners.forEach(listener -> listener.on(event));
        if (event instanceof Resampled resampled) {
            descend(resampled.ancestors());
        }
    }

    /** Those that rest have no sketch. */
    private void located(Scored scored) {
        var sketches = new double[scored.rewards().length][];
        Arrays.setAll(sketches, slot -> places.getOrDefault(slot, new double[0]));
        var event = new Located(scored.step(), sketches);
        listeners.forEach(listener -> listener.on(event));
    }

    private void scored(Scored scored) {
        boolean shown = scored.step() % showEvery == 0;
        seen.forEach((slot, picture) -> {
            double reward = scored.rewards()[slot];
            var before = best.get(slot);
            if (before == null || worth(reward) > worth(before.reward())) {
                best.put(slot, new Best(reward, picture));
            }
            if (shown) {
                viewer.see(Stage.CLEAN, scored.step(), slot, picture);
            }
        });
        seen.clear();
    }

    /** What is no finite number is passed over, as the runs do it. */
    private static double worth(double reward) {
        return Double.isFinite(reward) ? reward : Double.NEGATIVE_INFINITY;
    }

    private void descend(int[] parents) {
        var before = new TreeMap<>(best);
        best.clear();
        for (int slot = 0; slot < parents.length; slot++) {
            var inherited = before.get(parents[slot]);
            if (inherited != null) {
                best.put(slot, inherited);
            }
        }
    }

    void save(SafeTensorsWriter to) {
        best.forEach((slot, b) -> {
            var rgb = new float[b.picture().rgb8().length];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = b.picture().rgb8()[i] & 0xFF;
            }
            to.add("picture." + slot, rgb, b.picture().height(), b.picture().width(), 3);
            to.add("picture." + slot + ".reward", new double[] {b.reward()}, 1);
        });
    }

    void restore(SafeTensors from) {
        for (int slot = 0; from.entries().containsKey("picture." + slot); slot++) {
            var shape = from.entry("picture." + slot).shape();
            var values = from.floats("picture." + slot);
            var rgb = new byte[values.length];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (int) values[i];
            }
            best.put(
                    slot,
                    new Best(
                            from.doubles("picture." + slot + ".reward")[0],
                            new Pixels((int) shape[1], (int) shape[0], rgb)));
        }
    }
}
