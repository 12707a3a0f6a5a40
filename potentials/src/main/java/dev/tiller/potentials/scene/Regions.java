// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/** Sets of pixels of a picture, by index {@code y * SIZE + x}: neighbourhoods and connected components. */
final class Regions {
    private static final int SIZE = SceneRenderer.SIZE;

    private Regions() {}

    /** The 8-connected components of at least {@code least} pixels. */
    static List<BitSet> components(BitSet pixels, int least) {
        var left = (BitSet) pixels.clone();
        var components = new ArrayList<BitSet>();
        var queue = new int[SIZE * SIZE];
        for (int seed = left.nextSetBit(0); seed >= 0; seed = left.nextSetBit(seed)) {
            var component = new BitSet(SIZE * SIZE);
            int head = 0;
            int tail = 0;
            queue[tail++] = seed;
            left.clear(seed);
            while (head < tail) {
                int i = queue[head++];
                component.set(i);
                for (int y = Math.max(i / SIZE - 1, 0); y <= Math.min(i / SIZE + 1, SIZE - 1); y++) {
                    for (int x = Math.max(i % SIZE - 1, 0); x <= Math.min(i % SIZE + 1, SIZE - 1); x++) {
                        if (left.get(y * SIZE + x)) {
                            left.clear(y * SIZE + x);
                            queue[tail++] = y * SIZE + x;
                        }
                    }
                }
            }
            if (tail >= least) {
                components.add(component);
            }
        }
        return components;
    }

    /** Those of {@code pixels} that fulfil a condition. */
    static BitSet where(BitSet pixels, IntPredicate condition) {
        var kept = new BitSet(SIZE * SIZE);
        pixels.stream().filter(condition).forEach(kept::set);
        return kept;
    }

    /** The pixels and their 8 neighbours. */
    static BitSet grown(BitSet pixels) {
        var grown = (BitSet) pixels.clone();
        pixels.stream().forEach(i -> {
            for (int y = Math.max(i / SIZE - 1, 0); y <= Math.min(i / SIZE + 1, SIZE - 1); y++) {
                grown.set(y * SIZE + Math.max(i % SIZE - 1, 0), y * SIZE + Math.min(i % SIZE + 1, SIZE - 1) + 1);
            }
        });
        return grown;
    }

    /** The pixels whose 4 neighbours are all there; beyond the picture counts as there. */
    static BitSet eroded(BitSet pixels) {
        return where(
                pixels,
                i -> (i % SIZE == 0 || pixels.get(i - 1))
                        && (i % SIZE == SIZE - 1 || pixels.get(i + 1))
                        && (i < SIZE || pixels.get(i - SIZE))
                        && (i >= SIZE * (SIZE - 1) || pixels.get(i + SIZE)));
    }

    /** Every pixel of {@code whole} given to the nearest of the seeds, growing in step within the whole. */
    static List<BitSet> regrown(List<BitSet> seeds, BitSet whole) {
        var parts = new ArrayList<BitSet>();
        seeds.forEach(s -> parts.add((BitSet) s.clone()));
        var free = (BitSet) whole.clone();
        seeds.forEach(free::andNot);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (var part : parts) {
                var gain = grown(part);
                gain.and(free);
                free.andNot(gain);
                part.or(gain);
                changed |= !gain.isEmpty();
            }
        }
        return parts;
    }
}
