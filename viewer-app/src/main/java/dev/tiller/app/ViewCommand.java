// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.TillerException;
import dev.tiller.viewer.SettingsFolder;
import dev.tiller.viewer.window.TillerWindow;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import javafx.application.Platform;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tiller view}: the window. */
@Command(
        name = "view",
        description = "Opens the window: to make a run and watch its particles, or to look at one that was recorded.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller view", "  tiller view runs/first", "  tiller view runs/first/events.jsonl"})
final class ViewCommand extends TillerCommand {
    @Parameters(arity = "0..1", paramLabel = "RUN", description = "A folder of a run, or its events.jsonl.")
    private @Nullable Path run;

    @Override
    public Integer call() {
        open(run);
        return 0;
    }

    /** Whether a window can be shown here. */
    static boolean possible() {
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
        return !linux || System.getenv("DISPLAY") != null || "Headless".equals(System.getProperty("monocle.platform"));
    }

    /** Shows the window, and returns when it is closed. */
    static void open(@Nullable Path recorded) {
        if (!possible()) {
            throw new TillerException("There is no screen here (DISPLAY is not set); use tiller run, and look at its"
                    + " report.html elsewhere.");
        }
        // JavaFX warns that it is on the class path; it works there.
        Logger.getLogger("javafx").setLevel(Level.OFF);
        var closed = new CountDownLatch(1);
        var window = new AtomicReference<@Nullable TillerWindow>();
        var failure = new AtomicReference<@Nullable RuntimeException>();
        // A run that is still being loaded when the window is closed tells the window's thread that it begins, and
        // waits for that: it must be there until the run has ended.
        Platform.setImplicitExit(false);
        Platform.startup(() -> {
            try {
                var stage = new Stage();
                var shown = new TillerWindow(new LocalStudio(models(), SettingsFolder.here()));
                shown.addGallery(LocalShelf.here());
                window.set(shown);
                stage.setOnHidden(e -> closed.countDown());
                shown.show(stage);
                FirstStart.here().on(shown);
                if (recorded != null) {
                    shown.open(recorded);
                }
            } catch (RuntimeException e) {
                failure.set(e);
                closed.countDown();
            }
        });
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Not on the window's thread, which the run may be waiting for.
        var shown = window.get();
        if (shown != null) {
            shown.finish();
        }
        Platform.exit();
        var broken = failure.get();
        if (broken != null) {
            throw broken;
        }
    }
}
