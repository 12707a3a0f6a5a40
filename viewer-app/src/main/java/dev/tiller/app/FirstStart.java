// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.viewer.SettingsFolder;
import dev.tiller.viewer.window.TillerWindow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The doctor at the first start of the window: once, which a file remembers.
 *
 * @param seen that file; there once the user has put the findings away
 */
record FirstStart(Path seen) {
    static FirstStart here() {
        return new FirstStart(SettingsFolder.here().resolve("doctor-seen"));
    }

    /** Has the window show what {@code tiller doctor} says, unless it was seen. */
    void on(TillerWindow window) {
        if (!Files.exists(seen)) {
            window.showDoctor(FirstStart::findings, this::remember);
        }
    }

    private static String findings() {
        var said = new StringWriter();
        var out = new PrintWriter(said);
        Main.commandLine(out, out).execute("doctor");
        out.flush();
        return said.toString();
    }

    private void remember() {
        try {
            Files.createDirectories(seen.resolveSibling(""));
            Files.writeString(seen, "");
        } catch (IOException e) {
            // Then it is shown again: no harm.
        }
    }
}
