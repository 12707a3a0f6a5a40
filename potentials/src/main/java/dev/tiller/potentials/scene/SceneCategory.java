// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import java.util.Locale;

/** GenEval's kinds of prompts. */
public enum SceneCategory {
    SINGLE_OBJECT,
    TWO_OBJECT,
    COUNTING,
    COLORS,
    POSITION,
    COLOR_ATTR;

    /** The name in prompt files. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
