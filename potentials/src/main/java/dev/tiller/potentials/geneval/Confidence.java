// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which detections of a learned detector GenEval believes. */
public final class Confidence {
    private static final double THRESHOLD = 0.3;
    private static final double COUNTING_THRESHOLD = 0.9;
    private static final int MOST_OF_A_CLASS = 16;

    private Confidence() {}

    /**
     * Those with a confidence strictly above 0.3, or 0.9 where the prompt is about numbers, at most 16 of a class, the
     * surest first; of equally sure ones that which was named first. Overlaps are not suppressed.
     *
     * @param tag of the prompt
     */
    public static List<Detection> kept(List<Detection> detections, String tag) {
        double threshold = tag.equals("counting") ? COUNTING_THRESHOLD : THRESHOLD;
        Map<String, Integer> counts = new HashMap<>();
        var kept = new ArrayList<Detection>();
        detections.stream()
                .filter(d -> d.score() > threshold)
                .sorted(Comparator.comparingDouble(Detection::score).reversed())
                .forEach(d -> {
                    if (counts.merge(d.type(), 1, Integer::sum) <= MOST_OF_A_CLASS) {
                        kept.add(d);
                    }
                });
        return kept;
    }
}
