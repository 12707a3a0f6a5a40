// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Messages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javafx.scene.Scene;
import javafx.scene.input.KeyCombination;

/** All that can be done in the window, by name, and the keys for it, which the user may change. */
final class Commands {
    /**
     * Something to do.
     *
     * @param name in the settings, and of its words in the messages
     * @param usual its keys when nobody chose others; empty for none
     */
    record Command(String name, String usual, Runnable action) {
        String words() {
            return Messages.of("command." + name);
        }
    }

    private final List<Command> all = new ArrayList<>();
    private final List<KeyCombination> installed = new ArrayList<>();
    private final Settings settings;
    private final Scene scene;

    Commands(Settings settings, Scene scene) {
        this.settings = settings;
        this.scene = scene;
    }

    Commands add(String name, String usual, Runnable action) {
        all.add(new Command(name, usual, action));
        return this;
    }

    List<Command> all() {
        return List.copyOf(all);
    }

    /** The keys of a command; those of the settings if they can be read. */
    Optional<KeyCombination> keys(Command command) {
        var chosen = settings.text(setting(command)).orElse(command.usual());
        try {
            return combination(chosen);
        } catch (IllegalArgumentException e) {
            return combination(command.usual());
        }
    }

    private static Optional<KeyCombination> combination(String keys) {
        return keys.isEmpty() ? Optional.empty() : Optional.of(KeyCombination.valueOf(keys));
    }

    private static String setting(Command command) {
        return "keys." + command.name();
    }

    /** Gives a command other keys; the one that had them loses them, and is returned. */
    Optional<Command> bind(Command command, KeyCombination keys) {
        var robbed = all.stream()
                .filter(c -> !c.name().equals(command.name())
                        && keys(c).filter(keys::equals).isPresent())
                .findFirst();
        robbed.ifPresent(c -> settings.put(setting(c), ""));
        settings.put(setting(command), keys.getName());
        changed();
        return robbed;
    }

    /** All keys as they were at first. */
    void reset() {
        all.forEach(c -> settings.remove(setting(c)));
        changed();
    }

    private void changed() {
        settings.save();
        install();
    }

    /** Has the keys do what they should. */
    void install() {
        installed.forEach(scene.getAccelerators()::remove);
        installed.clear();
        for (var command : all) {
            keys(command).ifPresent(keys -> {
                scene.getAccelerators().put(keys, command.action());
                installed.add(keys);
            });
        }
    }
}
