// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where the window keeps what it remembers between two starts. */
public final class SettingsFolder {
    /** A system property that names another folder; the environment's {@code TILLER_SETTINGS} does as well. */
    public static final String PROPERTY = "tiller.config";

    private SettingsFolder() {}

    /** That of this user on this system; it need not exist. */
    public static Path here() {
        var chosen = System.getProperty(PROPERTY, System.getenv().getOrDefault("TILLER_SETTINGS", ""));
        return chosen.isBlank() ? of(System.getProperty("os.name"), System.getenv()) : Path.of(chosen);
    }

    /** Where a system keeps what programs remember. */
    public static Path of(String system, Map<String, String> environment) {
        var home = Path.of(System.getProperty("user.home"));
        var name = system.toLowerCase(Locale.ROOT);
        if (name.contains("win") && !name.contains("darwin")) {
            var roaming = environment.get("APPDATA");
            return (roaming == null ? home.resolve("AppData").resolve("Roaming") : Path.of(roaming)).resolve("tiller");
        }
        if (name.contains("mac")) {
            return home.resolve("Library").resolve("Application Support").resolve("tiller");
        }
        var config = environment.get("XDG_CONFIG_HOME");
        return (config == null || config.isBlank() ? home.resolve(".config") : Path.of(config)).resolve("tiller");
    }
}
