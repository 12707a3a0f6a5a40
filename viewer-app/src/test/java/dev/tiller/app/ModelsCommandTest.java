// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandTest {
    @TempDir
    Path folder;

    /** As in the hub's cache, and where somebody keeps models on another disk. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void filesBehindLinksCount() throws IOException {
        var store = Files.createDirectories(folder.resolve("store/unet"));
        Files.write(store.resolve("weights"), new byte[70]);
        var model = Files.createDirectories(folder.resolve("model"));
        Files.createSymbolicLink(model.resolve("unet"), store);
        Files.createSymbolicLink(model.resolve("file"), store.resolve("weights"));
        Files.createSymbolicLink(model.resolve("round"), model);
        Files.createSymbolicLink(model.resolve("nothing"), folder.resolve("absent"));
        var linked = Files.createSymbolicLink(folder.resolve("linked"), model);
        assertEquals(140, ModelsCommand.size(model));
        assertEquals(140, ModelsCommand.size(linked));
    }
}
