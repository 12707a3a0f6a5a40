// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gallery.Entry;
import dev.tiller.record.ManifestFile;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.tensor.Tensor;
import dev.tiller.viewer.window.Headless;
import dev.tiller.viewer.window.TillerWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.Spinner;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** The whole story, with the embedded model: what is made is watched, paused, found again, replayed and compared. */
@ExtendWith(ApplicationExtension.class)
class StoryTest {
    private static final Path RUNS = Path.of("runs");
    private static final String PROMPT = "a photo of a heart above a moon";

    @TempDir
    Path temp;

    private TillerWindow window;
    private Stage stage;
    private Set<Path> before;

    @BeforeAll
    static void prepare() {
        Headless.prepare();
    }

    @BeforeEach
    void lookAround() throws IOException {
        before = runs();
    }

    @Start
    void start(Stage given) {
        stage = given;
        window = new TillerWindow(new LocalStudio(TillerCommand.models(), temp));
        window.addGallery(new LocalShelf(temp.resolve("gallery.db"), List.of(RUNS)));
        window.show(given);
    }

    @AfterEach
    void tidy() throws IOException {
        window.finish();
        for (var made : made()) {
            try (var walk = Files.walk(made)) {
                for (var file : walk.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        assertEquals(0, Tensor.alive());
    }

    private static Set<Path> runs() throws IOException {
        if (!Files.isDirectory(RUNS)) {
            return Set.of();
        }
        try (var inside = Files.list(RUNS)) {
            return new TreeSet<>(inside.toList());
        }
    }

    private List<Path> made() throws IOException {
        var made = new TreeSet<>(runs());
        made.removeAll(before);
        return List.copyOf(made);
    }

    @Test
    void theFirstStartShowsWhatTheDoctorSaysAndOnlyTheFirst(FxRobot robot) throws Exception {
        var first = new FirstStart(temp.resolve("config/doctor-seen"));
        robot.interact(() -> first.on(window));
        WaitForAsyncUtils.waitFor(
                60,
                TimeUnit.SECONDS,
                () -> !robot.lookup("#doctor-close").queryAs(Button.class).isDisabled());
        var text = robot.lookup("#doctor-text").queryAs(TextArea.class).getText();
        assertTrue(text.contains("libtorch") && text.contains("GFLOP/s"), text);
        shoot(robot, "0-first-start");
        robot.clickOn("#doctor-close");
        assertTrue(robot.lookup("#doctor-panel").tryQuery().isEmpty());
        robot.interact(() -> first.on(window));
        assertTrue(robot.lookup("#doctor-panel").tryQuery().isEmpty(), "it was seen");
    }

    @Test
    void aRunIsMadeWatchedPausedFoundReplayedAndCompared(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write(PROMPT);
        number(robot, "#particles", 4);
        number(robot, "#steps", 60);
        shoot(robot, "1-compose");

        robot.clickOn("#start");
        status(robot, "Step ");
        // Not by the mouse, which takes its time: the run would be over.
        robot.interact(() -> robot.lookup("#pause").queryButton().fire());
        status(robot, "Paused");
        var log = made().get(0).resolve("events.jsonl");
        var lengths = new long[2];
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> {
            lengths[0] = lengths[1];
            lengths[1] = Files.size(log);
            WaitForAsyncUtils.sleep(400, TimeUnit.MILLISECONDS);
            return lengths[0] == lengths[1];
        });
        assertFalse(outcome(made().get(0)) instanceof Outcome.Completed, "it waits in the middle");
        assertEquals(lengths[1], Files.size(log), "and nothing happens meanwhile");
        shoot(robot, "2-paused");

        robot.clickOn("#pause");
        status(robot, "Done.");
        assertTrue(Files.size(log) > lengths[1], "it went on");
        assertTrue(outcome(made().get(0)) instanceof Outcome.Completed);
        shoot(robot, "3-done");

        robot.interact(() -> robot.lookup("#seed")
                .match(TextField.class::isInstance)
                .queryAs(TextField.class)
                .setText("5"));
        robot.clickOn("#start");
        WaitForAsyncUtils.waitFor(60, TimeUnit.SECONDS, () -> made().size() == 2);
        status(robot, "Done.");
        assertEquals(2, made().size());

        robot.clickOn("#gallery");
        WaitForAsyncUtils.waitForFxEvents();
        // Not by the mouse: the gallery may not have its place yet, and what is typed would go elsewhere.
        var search = robot.lookup("#gallery-search").queryAs(TextField.class);
        robot.interact(search::requestFocus);
        robot.write("heart moon");
        ListView<Entry> list = robot.lookup("#gallery-list").queryListView();
        WaitForAsyncUtils.waitFor(
                20,
                TimeUnit.SECONDS,
                () -> list.getItems().stream().filter(e -> isMade(e.folder())).count() == 2);
        robot.press(KeyCode.DOWN).release(KeyCode.DOWN);
        shoot(robot, "4-gallery");

        robot.press(KeyCode.ENTER).release(KeyCode.ENTER);
        status(robot, "A recorded run");
        shoot(robot, "5-replay");

        robot.clickOn("#gallery");
        robot.interact(() -> {
            list.getSelectionModel().clearSelection();
            for (int i = 0; i < list.getItems().size(); i++) {
                if (isMade(list.getItems().get(i).folder())) {
                    list.getSelectionModel().select(i);
                }
            }
        });
        robot.clickOn("#gallery-compare");
        var different = robot.lookup("#compare-pane").lookup(".value").queryAllAs(Label.class).stream()
                .map(Label::getText)
                .toList();
        assertEquals(Set.of("0", "5"), Set.copyOf(different), "they differ in their seeds alone");
        shoot(robot, "6-compare");
        robot.clickOn("#compare-back");
        assertTrue(robot.lookup("#gallery-open").queryAs(Button.class).isVisible());
    }

    private boolean isMade(Path folder) {
        return !before.contains(RUNS.resolve(folder.getFileName()));
    }

    private static Outcome outcome(Path run) {
        return ManifestFile.read(run.resolve("manifest.json")).outcome();
    }

    private static void number(FxRobot robot, String id, int value) {
        robot.interact(() -> {
            @SuppressWarnings("unchecked")
            Spinner<Integer> spinner = robot.lookup(id).queryAs(Spinner.class);
            spinner.getValueFactory().setValue(value);
        });
    }

    private static void status(FxRobot robot, String begins) throws Exception {
        WaitForAsyncUtils.waitFor(
                180,
                TimeUnit.SECONDS,
                () -> robot.lookup("#status").queryAs(Label.class).getText().startsWith(begins));
    }

    /** What it looks like, in both themes. */
    private void shoot(FxRobot robot, String name) throws IOException {
        for (boolean dark : new boolean[] {true, false}) {
            robot.interact(() -> window.dark(dark));
            WaitForAsyncUtils.sleep(400, TimeUnit.MILLISECONDS);
            Headless.shoot(stage.getScene(), "story-" + name + (dark ? "-dark" : "-light"));
        }
    }
}
