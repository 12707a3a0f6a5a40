// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLocatorTest {
    @TempDir
    Path folder;

    @Test
    void aFolderIsItself() {
        assertEquals(folder, locator().locate(folder.toString()));
    }

    @Test
    void aNameIsLookedForInTheRoots() throws IOException {
        var model = Files.createDirectories(folder.resolve("models/mine"));
        assertEquals(model, locator().locate("mine"));
        assertEquals(model, locator().list().get("mine"));
    }

    @Test
    void aHubNameIsItsMainSnapshot() throws IOException {
        var repository = folder.resolve("hub/models--someone--thing");
        Files.createDirectories(repository.resolve("snapshots/aaaa"));
        var main = Files.createDirectories(repository.resolve("snapshots/bbbb"));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), "bbbb\n");
        assertEquals(main, locator().locate("someone/thing"));
        assertEquals(main, locator().list().get("someone/thing"));
    }

    @Test
    void anUnknownNameSaysWhereWasLooked() {
        var e = assertThrows(TillerException.class, () -> locator().locate("no/such"));
        assertTrue(e.getMessage().contains("no/such")
                && e.getMessage().contains(folder.resolve("hub").toString()));
    }

    @Test
    void aHubNameCannotLeaveTheHub() {
        assertThrows(TillerException.class, () -> locator().locate("../../etc/x"));
    }

    @Test
    void theEnvironmentNamesThePlaces() {
        var places = ModelLocator.ofEnvironment(Map.of("XDG_CACHE_HOME", "/c", "HF_HOME", "/hf", "TILLER_MODELS", "/m"))
                .places();
        assertEquals(List.of(Path.of("/m"), Path.of("/hf/hub"), Path.of("/c/tiller/models")), places);
    }

    private ModelLocator locator() {
        return new ModelLocator(folder.resolve("cache"), folder.resolve("hub"), List.of(folder.resolve("models")));
    }
}
