// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.List;

/**
 * Whether a picture shows what was asked for.
 *
 * @param fulfilled share of the rules that hold, in [0, 1]; 1 exactly when correct
 * @param objects all that was found, best score first
 * @param reason the first rule that does not hold, in words; "all rules hold" when correct
 */
public record SceneVerdict(boolean correct, double fulfilled, List<FoundObject> objects, String reason) {
    public SceneVerdict {
        objects = List.copyOf(objects);
    }
}
