// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
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
        Files.writeString(repository.resolve("refs/main"), "");
        var newest = locator().locate("someone/thing");
        assertEquals(repository.resolve("snapshots"), newest.getParent());
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

    @Test
    void aVariableThatIsEmptyNamesNoPlace() {
        var empty = Map.of("XDG_CACHE_HOME", "", "HF_HOME", "", "HF_HUB_CACHE", " ");
        assertEquals(
                ModelLocator.ofEnvironment(Map.of()).places(),
                ModelLocator.ofEnvironment(empty).places());
    }

    /** As in a release, where the models lie in jars; here with a jar that somebody else reads just now. */
    @Test
    void aModelInAJarIsUnpackedThoughOthersHaveTheJarOpen() throws Exception {
        var jar = folder.resolve("models ü.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("META-INF/tiller/models.properties"));
            out.write("tiny=models/tiny-v1\n".getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("models/tiny-v1/"));
            out.putNextEntry(new JarEntry("models/tiny-v1/model_index.json"));
            out.write('7');
        }
        var places = new ArrayList<>(List.of(jar.toUri().toURL()));
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            places.add(Path.of(entry).toUri().toURL());
        }
        // Its own class of that name, which looks for models in that jar too.
        try (var others = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of());
                var classes = new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            assertTrue(others.isOpen());
            var type = classes.loadClass(ModelLocator.class.getName());
            var locator = type.getConstructor(Path.class, Path.class, List.class)
                    .newInstance(folder.resolve("cache"), folder.resolve("hub"), List.of());
            var found = (Path) type.getMethod("locate", String.class).invoke(locator, "tiny");
            assertEquals("7", Files.readString(found.resolve("model_index.json")));
            assertEquals("tiny-v1", found.getFileName().toString());
        }
    }

    private ModelLocator locator() {
        return new ModelLocator(folder.resolve("cache"), folder.resolve("hub"), List.of(folder.resolve("models")));
    }
}
