// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.SettingsFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What the window remembers, in one small JSON file of the user's: {@code settings.json} in {@code $XDG_CONFIG_HOME/tiller},
 * {@code %APPDATA%\tiller} or {@code ~/Library/Application Support/tiller}; see {@link SettingsFolder}.
 * A file that cannot be read is moved aside, and never keeps the window from opening.
 */
final class Settings {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private ObjectNode values = JSON.createObjectNode();
    private Optional<String> remark = Optional.empty();

    private Settings(Path file) {
        this.file = file;
    }

    /** Those of the user. */
    static Settings load() {
        return load(SettingsFolder.here());
    }

    static Settings load(Path folder) {
        var settings = new Settings(folder.resolve("settings.json"));
        settings.read();
        return settings;
    }

    private void read() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            if (!(JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode read)) {
                throw new IOException("no object");
            }
            values = read;
        } catch (IOException e) {
            setAside();
        }
    }

    private void setAside() {
        var aside = file.resolveSibling("settings.broken.json");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            remark = Optional.of(Messages.of("settings.broken", aside));
        } catch (IOException e) {
            remark = Optional.of(Messages.of("settings.unreadable", file));
        }
    }

    /** What the user should know, in a sentence. */
    Optional<String> remark() {
        return remark;
    }

    /** A text; empty if there is none, or something else stands there. */
    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(v -> v.isTextual()).map(v -> v.textValue());
    }

    /** A number from {@code low} to {@code high}, or {@code otherwise} where there is no such. */
    double number(String name, double low, double high, double otherwise) {
        return Optional.ofNullable(values.get(name))
                .filter(v -> v.isNumber() && v.doubleValue() >= low && v.doubleValue() <= high)
                .map(v -> v.doubleValue())
                .orElse(otherwise);
    }

    void put(String name, String value) {
        values.put(name, value);
    }

    void put(String name, double value) {
        values.put(name, value);
    }

    void remove(String name) {
        values.remove(name);
    }

    /** Writes them, whole or not at all; where that is not possible they are forgotten, and nothing else happens. */
    void save() {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            var draft = Files.createTempFile(file.toAbsolutePath().getParent(), ".settings-", ".json");
            Files.write(draft, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(values));
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            remark = Optional.of(Messages.of("settings.unwritten", file));
        }
    }
}
