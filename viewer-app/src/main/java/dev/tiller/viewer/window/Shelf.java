// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.gallery.Gallery;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Where the runs are that the gallery shows, and how they are asked for again. Implemented where runs are wired. */
public interface Shelf {
    /**
     * The index of the runs; the caller closes it.
     *
     * @param remarks hears sentences for the user
     */
    Gallery open(Consumer<String> remarks);

    /** Folders that hold runs. */
    List<Path> roots();

    /**
     * The line for a POSIX shell that makes a run.
     *
     * @param plan as its manifest has it
     * @throws dev.tiller.run.TillerException if this version knows no such plan
     */
    String command(Map<String, Object> plan);

    /** The same as a program in Java. */
    String java(Map<String, Object> plan);
}
