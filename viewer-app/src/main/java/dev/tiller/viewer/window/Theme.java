// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Light, dark, or as the rest of the desktop is. */
enum Theme {
    LIGHT,
    DARK,
    SYSTEM;

    /** By its name in the settings; the desktop's where there is none. */
    static Theme of(Optional<String> name) {
        return name.flatMap(n -> List.of(values()).stream()
                        .filter(t -> t.name().equalsIgnoreCase(n))
                        .findFirst())
                .orElse(SYSTEM);
    }

    boolean dark() {
        return this == DARK || (this == SYSTEM && systemIsDark());
    }

    /** Asked once a start, by the desktop's own means; light where it does not answer. */
    private static boolean systemIsDark() {
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (system.contains("mac")) {
            return answers("dark", "defaults", "read", "-g", "AppleInterfaceStyle");
        }
        if (system.contains("windows")) {
            return answers(
                    "0x0",
                    "reg",
                    "query",
                    "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize",
                    "/v",
                    "AppsUseLightTheme");
        }
        return answers("prefer-dark", "gsettings", "get", "org.gnome.desktop.interface", "color-scheme");
    }

    private static boolean answers(String word, String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .toLowerCase(Locale.ROOT)
                    .contains(word);
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
