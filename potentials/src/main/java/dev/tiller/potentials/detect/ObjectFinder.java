// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.potentials.pixels.RgbImage;
import java.util.List;

/** A learnt detector of objects in photographs. */
public interface ObjectFinder extends AutoCloseable {
    /** The classes that it knows, in GenEval's names. */
    List<String> classes();

    /** What it sees, however unsure. */
    List<FoundObject> find(RgbImage picture);

    @Override
    void close();
}
