// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.RunEvent.Stage;

/** Sees the pictures of a run on their way, each before the event that its score is told in. */
@FunctionalInterface
public interface PictureViewer {
    PictureViewer NONE = (stage, step, slot, picture) -> {};

    /**
     * @param stage whether it is what a particle may become, how it looks with its noise, or its final picture
     * @param slot whose picture it is
     */
    void see(Stage stage, int step, int slot, Pixels picture);

    /** @param rgb8 height · width · 3 bytes, row by row, red first; not to be written to */
    record Pixels(int width, int height, byte[] rgb8) {}
}
