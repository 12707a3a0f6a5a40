// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.function.Function;

/**
 * The reward of latents: they are decoded, and a reward looks at the pictures; a micro-batch at a time, so that memory
 * does not grow with the number of particles. The pictures are shown to a {@link Viewer} on their way.
 */
public final class ImageObjective implements Objective<Latents> {
    private final Function<Tensor, Images> decoder;
    private final Judges judges;
    private final int microBatch;
    private final Viewer viewer;
    private final Spending spending;

    /** Sees each decoded picture once, in the order of the slots, before all of them are scored. */
    @FunctionalInterface
    public interface Viewer {
        /** Looks away. */
        Viewer NONE = (step, slot, images, row) -> {};

        /**
         * @param step as in {@link Objective#score}
         * @param slot whose picture it is
         * @param images valid during the call only
         * @param row the picture's row in {@code images}
         */
        void see(int step, int slot, Images images, int row);
    }

    /**
     * @param decoder latents to pictures; its result is closed here
     * @param reward kept by the caller
     * @param microBatch pictures at a time, at least 1
     * @param viewer sees each picture
     */
    public ImageObjective(
            Function<Tensor, Images> decoder, WeightedReward<Images> reward, int microBatch, Viewer viewer) {
        this(decoder, Judges.of(reward), microBatch, viewer);
    }

    /**
     * @param decoder latents to pictures; its result is closed here
     * @param microBatch pictures at a time, at least 1
     */
    public ImageObjective(Function<Tensor, Images> decoder, Judges judges, int microBatch, Viewer viewer) {
        this.decoder = decoder;
        this.judges = judges;
        this.spending = new Spending(judges);
        this.microBatch = microBatch;
        this.viewer = viewer;
    }

    @Override
    public Scores score(int step, Latents latents) {
        return spending.count(() -> scored(step, latents));
    }

    private Scores scored(int step, Latents latents) {
        var scoring = judges.scoring();
        for (int from = 0; from < latents.size(); from += microBatch) {
            int to = Math.min(latents.size(), from + microBatch);
            try (var scope = Scope.open()) {
                var images = decoder.apply(latents.sample().rows(from, to));
                spending.decoded(images.size());
                for (int row = 0; row < images.size(); row++) {
                    viewer.see(step, from + row, images, row);
                }
                scoring.add(images);
            }
        }
        return scoring.scores();
    }

    /** What this has asked of the judges, and not what others have. */
    @Override
    public Cost cost() {
        return spending.cost();
    }
}
