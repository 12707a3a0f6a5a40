// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.viewer.SettingsFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir
    Path folder;

    @Test
    void whatIsPutIsThereNextTime() {
        var settings = Settings.load(folder.resolve("new"));
        settings.put("theme", "dark");
        settings.put("width", 1300);
        settings.save();
        var again = Settings.load(folder.resolve("new"));
        assertEquals(Optional.of("dark"), again.text("theme"));
        assertEquals(1300, again.number("width", 960, 8192, 1280));
        assertEquals(1280, again.number("width", 960, 1200, 1280), "out of range is as if it were not there");
        assertEquals(Optional.empty(), again.remark());
        assertTrue(again.text("width").isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"theme\": ", "[1, 2]", "\u0000\u0001"})
    void aBrokenFileIsMovedAside(String text) throws Exception {
        var file = Files.writeString(folder.resolve("settings.json"), text);
        var settings = Settings.load(folder);
        assertTrue(
                settings.remark().orElseThrow().contains("moved aside"),
                settings.remark().toString());
        assertFalse(Files.exists(file));
        assertEquals(text, Files.readString(folder.resolve("settings.broken.json")));
        settings.put("theme", "light");
        settings.save();
        assertEquals(Optional.empty(), Settings.load(folder).remark());
    }

    @Test
    void whereNothingCanBeWrittenNothingHappens() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "");
        var settings = Settings.load(file.resolve("sub"));
        settings.save();
        assertTrue(settings.remark().isPresent());
    }

    @Test
    void eachSystemHasItsPlace() {
        assertEquals(Path.of("/x", "tiller"), SettingsFolder.of("Linux", Map.of("XDG_CONFIG_HOME", "/x")));
        assertTrue(SettingsFolder.of("Linux", Map.of()).endsWith(Path.of(".config", "tiller")));
        assertTrue(
                SettingsFolder.of("Mac OS X", Map.of()).endsWith(Path.of("Library", "Application Support", "tiller")));
        assertEquals(Path.of("/r", "tiller"), SettingsFolder.of("Windows 11", Map.of("APPDATA", "/r")));
    }
}
