// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
        return kept(detections, d -> d, tag);
    }

    /** The same of what holds detections. */
    public static <T> List<T> kept(List<T> found, Function<T, Detection> detection, String tag) {
        double threshold = tag.equals("counting") ? COUNTING_THRESHOLD : THRESHOLD;
        Map<String, Integer> counts = new HashMap<>();
        var kept = new ArrayList<T>();
        found.stream()
                .filter(one -> detection.apply(one).score() > threshold)
                .sorted(Comparator.comparingDouble(
                                (T one) -> detection.apply(one).score())
                        .reversed())
                .forEach(one -> {
                    if (counts.merge(detection.apply(one).type(), 1, Integer::sum) <= MOST_OF_A_CLASS) {
                        kept.add(one);
                    }
                });
        return kept;
    }
}
