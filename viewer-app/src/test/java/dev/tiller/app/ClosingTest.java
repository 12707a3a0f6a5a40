// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.viewer.window.Headless;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javafx.application.Platform;
import javafx.scene.control.Button;
import javafx.scene.control.TextArea;
import javafx.stage.Stage;
import javafx.stage.Window;
import javafx.stage.WindowEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosingTest {
    @TempDir
    Path folder;

    /** Opens the window, starts a run, and closes the window at once, when the model is not loaded yet. */
    static final class Hasty {
        private Hasty() {}

        public static void main(String[] args) {
            Headless.prepare();
            Window.getWindows().addListener((javafx.collections.ListChangeListener<Window>) change -> {
                if (!change.getList().isEmpty()) {
                    Platform.runLater(
                            () -> startAndClose((Stage) change.getList().get(0)));
                }
            });
            ViewCommand.open(null);
            System.exit(7);
        }

        private static void startAndClose(Stage stage) {
            ((TextArea) stage.getScene().lookup("#prompt")).setText("a heart");
            ((Button) stage.getScene().lookup("#start")).fire();
            stage.fireEvent(new WindowEvent(stage, WindowEvent.WINDOW_CLOSE_REQUEST));
        }
    }

    @Test
    void theWindowIsClosedWhileAModelIsLoaded() throws Exception {
        var process = TillerProcess.start(folder, Hasty.class, List.of(), List.of());
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it waits for a window that is no more");
            assertEquals(7, process.exitValue(), () -> {
                try {
                    return Files.readString(folder.resolve("stderr"));
                } catch (java.io.IOException e) {
                    return e.toString();
                }
            });
            assertTrue(Files.isRegularFile(folder.resolve("runs/a-heart/manifest.json")), "it was stopped, not lost");
        } finally {
            process.destroyForcibly();
        }
    }
}
