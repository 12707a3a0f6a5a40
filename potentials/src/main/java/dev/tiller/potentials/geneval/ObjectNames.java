// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.Map;

/** GenEval calls classes as COCO does, but for three that would be taken for something else in a prompt. */
public final class ObjectNames {
    private static final Map<String, String> OTHERWISE =
            Map.of("mouse", "computer mouse", "remote", "tv remote", "keyboard", "computer keyboard");

    private ObjectNames() {}

    /** GenEval's name of a class of COCO; a name that is none of COCO's stays what it is. */
    public static String ofCoco(String name) {
        return OTHERWISE.getOrDefault(name, name);
    }
}
