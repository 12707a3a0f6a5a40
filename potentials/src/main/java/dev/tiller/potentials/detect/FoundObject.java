// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.potentials.geneval.Detection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object that a detector saw.
 *
 * @param detection its class in GenEval's names, the confidence from 0 to 1, the box in the picture's pixels, no colour
 * @param mask for each pixel of the picture, row by row, whether it is the object's; null where the detector gives no masks
 */
public record FoundObject(Detection detection, boolean @Nullable [] mask) {
    static List<Detection> detections(List<FoundObject> found) {
        return found.stream().map(FoundObject::detection).toList();
    }
}
