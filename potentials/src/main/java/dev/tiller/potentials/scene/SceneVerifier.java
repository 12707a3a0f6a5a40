// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.geneval.Verdict;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Sees what a picture of the scene world shows, without learned weights. A plane is fitted to the background; connected
 * pixels that differ from it are a region; each region is explained by the shape that leaves the least of it, or by
 * several where it falls into parts that together leave much less. Stateless and safe for threads.
 *
 * <p>Measured on 1,000 scenes of {@link SceneSampler} in each of six categories: the verdict is always right on renders,
 * and for 95.6 % of them after an autoencoder of 33.8 dB (counting, with its small shapes, 84.5 %).
 */
public final class SceneVerifier {
    private static final int SIZE = SceneRenderer.SIZE;
    /** Distance in RGB from which a pixel is no background. */
    private static final double THRESHOLD = 0.10;
    /** Pixels of the smallest region looked at; the smallest moon of the world covers about 40. */
    private static final int SMALLEST = 12;
    /** Overlap with its shape from which a region is an object. */
    private static final double LEAST_OVERLAP = 0.72;
    /** A region better explained than this (unexplained share) is not tried in parts. */
    private static final double WELL_EXPLAINED = 0.02;
    /** Parts must leave less than this share of what the whole leaves. */
    private static final double GAIN = 0.6;

    /** Whether the picture (64 x 64 x 3 bytes RGB) fulfils the rules. */
    public Verdict judge(byte[] rgb, Rules rules) {
        return rules.judge(find(rgb).stream().map(FoundObject::detection).toList());
    }

    /** The objects of the picture (64 x 64 x 3 bytes RGB), best score first. */
    public List<FoundObject> find(byte[] rgb) {
        if (rgb.length != SIZE * SIZE * 3) {
            throw new IllegalArgumentException("a picture of " + rgb.length + " bytes instead of " + SIZE * SIZE * 3);
        }
        var image = new float[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            image[i] = (rgb[i] & 0xff) / 255f;
        }
        var background = new Background(image);
        var foreground = new BitSet(SIZE * SIZE);
        for (int i = 0; i < SIZE * SIZE; i++) {
            foreground.set(i, background.distance(image, i) > THRESHOLD);
        }
        var found = new ArrayList<FoundObject>();
        for (var region : Regions.components(foreground, SMALLEST)) {
            for (var fit : explained(region, foreground, image, background)) {
                if (fit.overlap() >= LEAST_OVERLAP) {
                    found.add(fit.object());
                }
            }
        }
        found.sort(Comparator.comparingDouble(FoundObject::score).reversed());
        return found;
    }

    private static List<ShapeFit.Fit> explained(
            BitSet region, BitSet foreground, float[] image, Background background) {
        var whole = fit(region, foreground, image, background);
        var best = List.of(whole);
        if (whole.error() > WELL_EXPLAINED * whole.energy()) {
            double least = GAIN * whole.error();
            for (var partition : Partitions.of(region, image, background, SMALLEST)) {
                var fits = partition.stream()
                        .map(part -> fit(part, foreground, image, background))
                        .toList();
                double error = fits.stream().mapToDouble(ShapeFit.Fit::error).sum();
                if (error < least) {
                    least = error;
                    best = fits;
                }
            }
        }
        return best;
    }

    private static ShapeFit.Fit fit(BitSet region, BitSet foreground, float[] image, Background background) {
        var others = (BitSet) foreground.clone();
        others.andNot(region);
        return new ShapeFit(image, background, region, others).best();
    }
}
