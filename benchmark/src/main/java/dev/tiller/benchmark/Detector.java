// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.record.Picture;
import java.util.List;

/** Finds the objects that GenEval's rules speak of. */
public interface Detector extends AutoCloseable {
    /** In what its numbers can be compared with others', in a sentence or two. */
    String remark();

    /**
     * What it is sure enough to see, surest first. A detector with confidences of GenEval's kind filters them by {@link
     * dev.tiller.potentials.geneval.Confidence}.
     *
     * @param asked which prompt the picture is of; its rules say of which objects the colour matters
     */
    List<Detection> find(Picture picture, SuitePrompt asked);

    @Override
    void close();
}
