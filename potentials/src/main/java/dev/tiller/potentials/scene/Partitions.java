// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Ways in which a region may be several objects that touch: cut where it is faint, thin, or changes colour. */
final class Partitions {
    private static final double[] LEVELS = {0.5, 0.65, 0.8};
    private static final int EROSIONS = 3;

    private Partitions() {}

    /** Each a list of at least two disjoint parts that cover the region. */
    static List<List<BitSet>> of(BitSet region, float[] image, Background background, int least) {
        var partitions = new ArrayList<List<BitSet>>();
        var contrasts = region.stream()
                .mapToDouble(i -> background.distance(image, i))
                .sorted()
                .toArray();
        double strong = contrasts[contrasts.length * 85 / 100];
        for (double level : LEVELS) {
            var core = Regions.where(region, i -> background.distance(image, i) > level * strong);
            add(partitions, Regions.components(core, least), region);
        }
        var eroded = region;
        for (int k = 0; k < EROSIONS; k++) {
            eroded = Regions.eroded(eroded);
            add(partitions, Regions.components(eroded, least / 2), region);
        }
        add(partitions, byColour(region, image, least), region);
        return partitions;
    }

    private static void add(List<List<BitSet>> partitions, List<BitSet> seeds, BitSet region) {
        if (seeds.size() > 1) {
            partitions.add(Regions.regrown(seeds, region));
        }
    }

    /** The inner pixels by the nearer of the two commonest palette colours. */
    private static List<BitSet> byColour(BitSet region, float[] image, int least) {
        var core = Regions.eroded(region);
        var names = new Colour[image.length / 3];
        var counts = new EnumMap<Colour, Integer>(Colour.class);
        core.stream().forEach(i -> {
            names[i] = Colour.nearest(image[3 * i], image[3 * i + 1], image[3 * i + 2]);
            counts.merge(names[i], 1, Integer::sum);
        });
        var seeds = new ArrayList<BitSet>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<Colour, Integer>comparingByValue().reversed())
                .limit(2)
                .forEach(c -> seeds.addAll(Regions.components(
                        Regions.eroded(Regions.where(core, i -> names[i] == c.getKey())), least / 2)));
        return seeds;
    }
}
