// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.pixels.RgbImage;
import java.util.List;

/** A learnt detector of objects in photographs. */
public interface ObjectFinder extends AutoCloseable {
    /** The classes that it knows, in GenEval's names. */
    List<String> classes();

    /** What it sees, however unsure: classes in GenEval's names, confidences from 0 to 1, boxes in the picture's pixels, no colours. */
    List<Detection> find(RgbImage picture);

    @Override
    void close();
}
