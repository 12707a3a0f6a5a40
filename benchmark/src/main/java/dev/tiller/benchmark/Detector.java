// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.potentials.geneval.Detection;
import dev.tiller.record.Picture;
import java.util.List;

/** Finds the objects that GenEval's rules speak of. */
public interface Detector {
    /** As in the report. */
    String name();

    /** In what its numbers can be compared with others', in a sentence. */
    String remark();

    /**
     * What it is sure enough to see, surest first. A detector with confidences of GenEval's kind filters them by {@link
     * dev.tiller.potentials.geneval.Confidence}.
     *
     * @param tag of the prompt
     */
    List<Detection> find(Picture picture, String tag);
}
