// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import java.util.List;

/**
 * Who watches a run.
 *
 * @param manifest told to the listeners first
 * @param pictures sees the pictures that the reward looks at
 * @param listeners hear the events
 */
public record Audience(RunManifest manifest, PictureViewer pictures, List<RunListener> listeners) {
    public Audience {
        listeners = List.copyOf(listeners);
    }

    /** Hears events only. */
    public static Audience of(RunListener... listeners) {
        return new Audience(RunManifest.of("", 0), PictureViewer.NONE, List.of(listeners));
    }

    RunListener[] array() {
        return listeners.toArray(RunListener[]::new);
    }
}
