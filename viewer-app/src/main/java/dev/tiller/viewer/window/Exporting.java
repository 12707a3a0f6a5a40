// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import dev.tiller.viewer.RunExport;
import dev.tiller.viewer.RunExport.Subject;
import dev.tiller.viewer.RunHistory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BiConsumer;
import javafx.application.Platform;
import javafx.stage.FileChooser;
import javafx.stage.Window;

/** Writes what is seen into files, beside the window's thread. */
final class Exporting {
    private static final int FRAME_MILLIS = 200;

    private final BiConsumer<String, Boolean> say;

    /** @param say hears a sentence, and whether it is bad news; on the JavaFX thread */
    Exporting(BiConsumer<String, Boolean> say) {
        this.say = say;
    }

    /** Asks for a file, and writes it. */
    void ask(Subject subject, Film film, Palette palette, Window owner) {
        var chooser = new FileChooser();
        var name = subject.name().toLowerCase(Locale.ROOT);
        chooser.setTitle(Messages.of("export." + name));
        chooser.setInitialFileName(name + "." + subject.formats().get(0));
        for (var format : subject.formats()) {
            chooser.getExtensionFilters()
                    .add(new FileChooser.ExtensionFilter(format.toUpperCase(Locale.ROOT), "*." + format));
        }
        var file = chooser.showSaveDialog(owner);
        if (file != null) {
            write(subject, film, palette, file.toPath());
        }
    }

    /** Writes the run as it is now; returns at once. */
    void write(Subject subject, Film film, Palette palette, Path file) {
        var now = new RunHistory(film.history());
        say.accept(Messages.of("export.writing", file.getFileName()), false);
        var thread = new Thread(
                () -> {
                    try {
                        new RunExport(now, film.pictures(), palette).write(subject, file, FRAME_MILLIS, -1);
                        Platform.runLater(() -> say.accept(Messages.of("export.done", file), false));
                    } catch (TillerException e) {
                        Platform.runLater(() -> say.accept(String.valueOf(e.getMessage()), true));
                    }
                },
                "export");
        thread.setDaemon(true);
        thread.start();
    }
}
