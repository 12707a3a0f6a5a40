// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line as a process of its own, to be interrupted and killed. */
final class TillerProcess {
    private TillerProcess() {}

    /**
     * Starts it; what it says goes to {@code stdout} and {@code stderr} in a folder.
     *
     * @param before a command that runs it, such as one that sets limits
     */
    static Process start(Path folder, List<String> before, List<String> args) throws IOException {
        return start(folder, Main.class, before, args);
    }

    /** Likewise, with a main class of a test's own; works in the folder. */
    static Process start(Path folder, Class<?> main, List<String> before, List<String> args) throws IOException {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Djava.awt.headless=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(args);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .redirectError(folder.resolve("stderr").toFile())
                .start();
    }
}
