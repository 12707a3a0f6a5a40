// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gallery.Entry;
import dev.tiller.gallery.Gallery;
import dev.tiller.gallery.MadeRuns;
import dev.tiller.record.RunMarks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

@ExtendWith(ApplicationExtension.class)
class GalleryPaneTest {
    @TempDir
    static Path temp;

    private static Path runs;
    private final List<Path> opened = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private GalleryPane pane;

    @BeforeAll
    static void someRuns() throws IOException {
        Headless.prepare();
        runs = Files.createDirectories(temp.resolve("runs"));
        for (int i = 0; i < 40; i++) {
            var prompt = i == 17 ? "a photo of a heart above a moon" : "a photo of disc number " + i;
            MadeRuns.completed(runs.resolve("run-" + i), MadeRuns.manifest(prompt, i % 2 == 0 ? "fk" : "reno", i), i);
        }
        Files.writeString(Files.createDirectories(runs.resolve("broken")).resolve("manifest.json"), "{");
        Files.write(runs.resolve("run-3/0001.png"), new byte[] {1, 2, 3});
    }

    @Start
    void start(Stage stage) {
        var shelf = new Shelf() {
            @Override
            public Gallery open(Consumer<String> remarks) {
                return Gallery.open(temp.resolve("gallery.db"), remarks);
            }

            @Override
            public List<Path> roots() {
                return List.of(runs);
            }

            @Override
            public String command(Map<String, Object> plan) {
                return "command " + plan.get("seed");
            }

            @Override
            public String java(Map<String, Object> plan) {
                return "java " + plan.get("seed");
            }
        };
        pane = new GalleryPane(shelf, new GalleryPane.Actions() {
            @Override
            public void open(Path folder) {
                opened.add(folder);
            }

            @Override
            public void say(String sentence, boolean alarm) {
                said.add(sentence);
            }
        });
        stage.setScene(new Scene(pane, 960, 600));
        stage.show();
        pane.refresh();
    }

    @AfterEach
    void close() {
        WaitForAsyncUtils.waitForAsyncFx(5000, () -> pane.close());
    }

    private static ListView<Entry> list(FxRobot robot) {
        return robot.lookup("#gallery-list").queryListView();
    }

    private static void settle(FxRobot robot, int runs) throws Exception {
        WaitForAsyncUtils.waitFor(
                10, TimeUnit.SECONDS, () -> list(robot).getItems().size() == runs);
        WaitForAsyncUtils.waitForFxEvents();
    }

    @Test
    void runsAreFoundByTheirWordsAndOpenedByKeys(FxRobot robot) throws Exception {
        settle(robot, 40);
        assertEquals(
                "40 runs", robot.lookup("#gallery-count").queryAs(Label.class).getText());
        WaitForAsyncUtils.waitFor(5, TimeUnit.SECONDS, () -> !said.isEmpty());
        assertTrue(said.get(0).startsWith("A run cannot be read"), said.toString());
        robot.clickOn("#gallery-search").write("HEART moon");
        settle(robot, 1);
        robot.press(KeyCode.DOWN).release(KeyCode.DOWN);
        robot.press(KeyCode.ENTER).release(KeyCode.ENTER);
        assertEquals(List.of(runs.resolve("run-17")), opened);
        // A star and a note by keys alone; they are in the folder, and found by the toggle.
        robot.press(KeyCode.S).release(KeyCode.S);
        WaitForAsyncUtils.waitFor(
                5, TimeUnit.SECONDS, () -> RunMarks.in(runs.resolve("run-17")).starred());
        robot.clickOn("#gallery-note")
                .write("for the cover")
                .press(KeyCode.ENTER)
                .release(KeyCode.ENTER);
        WaitForAsyncUtils.waitFor(
                5,
                TimeUnit.SECONDS,
                () -> RunMarks.in(runs.resolve("run-17")).note().equals("for the cover"));
        assertTrue(RunMarks.in(runs.resolve("run-17")).starred());
        robot.interact(() -> ((javafx.scene.control.TextField)
                        robot.lookup("#gallery-search").query())
                .clear());
        settle(robot, 40);
        robot.clickOn("#gallery-starred");
        settle(robot, 1);
        assertEquals("for the cover", list(robot).getItems().get(0).note());
    }

    @Test
    void onlyTheRowsInSightAreMade(FxRobot robot) throws Exception {
        settle(robot, 40);
        int cells = robot.from(list(robot)).lookup(".list-cell").queryAll().size();
        assertTrue(cells < 15, cells + " cells for 40 runs");
        GalleryCell cell = robot.from(list(robot))
                .lookup((GalleryCell c) -> c.getItem() != null)
                .query();
        assertTrue(cell.getAccessibleText().contains("a photo of"), cell.getAccessibleText());
    }

    @Test
    void aRunIsTakenAlongAndTwoAreCompared(FxRobot robot) throws Exception {
        settle(robot, 40);
        assertTrue(robot.lookup("#gallery-command").queryButton().isDisabled(), "nothing is chosen");
        robot.interact(() -> list(robot).getSelectionModel().clearAndSelect(0));
        var seed =
                list(robot).getItems().get(0).folder().getFileName().toString().substring(4);
        robot.clickOn("#gallery-command");
        assertEquals("command " + seed, clipboard());
        robot.clickOn("#gallery-java");
        assertEquals("java " + seed, clipboard());
        assertTrue(robot.lookup("#gallery-compare").queryButton().isDisabled());
        robot.interact(() -> list(robot).requestFocus());
        robot.press(KeyCode.SHIFT, KeyCode.DOWN).release(KeyCode.DOWN, KeyCode.SHIFT);
        assertFalse(robot.lookup("#gallery-compare").queryButton().isDisabled());
        assertTrue(robot.lookup("#gallery-open").queryButton().isDisabled(), "one at a time");
        robot.clickOn("#gallery-compare");
        var values = robot.lookup("#compare-pane").lookup(".value").queryAllAs(Label.class).stream()
                .map(Label::getText)
                .toList();
        assertTrue(values.contains(seed), values.toString());
        robot.press(KeyCode.ESCAPE).release(KeyCode.ESCAPE);
        WaitForAsyncUtils.waitForFxEvents();
        assertTrue(robot.lookup("#compare-pane").tryQuery().isEmpty());
        settle(robot, 40);
    }

    /** Runs that end meanwhile have the list made anew. */
    @Test
    void aNoteThatIsBeingWrittenIsNotLost(FxRobot robot) throws Exception {
        settle(robot, 40);
        robot.interact(() -> list(robot).getSelectionModel().clearAndSelect(5));
        var chosen = list(robot).getItems().get(5).folder();
        robot.clickOn("#gallery-note").write("half a tho");
        var anew = new java.util.concurrent.atomic.AtomicBoolean();
        robot.interact(() -> {
            list(robot).getItems().addListener((javafx.beans.Observable items) -> anew.set(true));
            pane.refresh();
        });
        WaitForAsyncUtils.waitFor(10, TimeUnit.SECONDS, anew::get);
        WaitForAsyncUtils.waitForFxEvents();
        robot.write("ught").press(KeyCode.ENTER).release(KeyCode.ENTER);
        WaitForAsyncUtils.waitFor(
                5, TimeUnit.SECONDS, () -> RunMarks.in(chosen).note().equals("half a thought"));
    }

    private static String clipboard() {
        return WaitForAsyncUtils.waitForAsyncFx(
                5000, () -> Clipboard.getSystemClipboard().getString());
    }
}
