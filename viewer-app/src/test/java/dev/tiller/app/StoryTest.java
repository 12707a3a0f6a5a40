// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gallery.Entry;
import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.tensor.Tensor;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.window.Headless;
import dev.tiller.viewer.window.Studio;
import dev.tiller.viewer.window.TillerWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

/** The whole story, with the embedded model: what is made is watched, paused, branched, found again, replayed and compared. */
@ExtendWith(ApplicationExtension.class)
class StoryTest {
    private static final Path RUNS = Path.of("runs");
    private static final String PROMPT = "a photo of a heart above a moon";

    @TempDir
    Path temp;

    /** The run is paused after so many judgings. */
    private static final int JUDGED = 3;

    private TillerWindow window;
    private boolean paused;
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
        window = new TillerWindow(pausing(new LocalStudio(TillerCommand.models(), temp)));
        window.addGallery(new LocalShelf(temp.resolve("gallery.db"), List.of(RUNS)));
        window.show(given);
    }

    /**
     * A studio whose first run presses Pause itself when it has judged its particles a few times: a test would come too early or
     * too late, as the machine is slow or quick.
     */
    private Studio pausing(Studio studio) {
        return Overheard.studio(studio, (settings, watcher) -> {
            boolean first = !paused;
            paused = true;
            var judgings = new AtomicInteger();
            return studio.start(settings, new Overheard(watcher, event -> {
                if (first && event instanceof RunEvent.Scored && judgings.incrementAndGet() == JUDGED) {
                    pressPause();
                }
            }));
        });
    }

    /** Returns when it is pressed, on the run's thread. */
    private void pressPause() {
        WaitForAsyncUtils.waitForAsyncFx(
                60_000, () -> ((Button) stage.getScene().lookup("#pause")).fire());
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
    void aRunIsMadePausedBranchedFinishedFoundReplayedAndCompared(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write(PROMPT);
        number(robot, "#particles", 4);
        number(robot, "#steps", 24);
        shoot(robot, "1-compose");

        robot.clickOn("#start");
        status(robot, "Paused");
        var parent = made().get(0);
        var log = parent.resolve("events.jsonl");
        // What the log's thread had before it.
        WaitForAsyncUtils.waitFor(
                60, TimeUnit.SECONDS, () -> history(parent).columns().size() == JUDGED);
        assertTrue(history(parent).outcome().isEmpty(), "it waits in the middle");
        WaitForAsyncUtils.waitFor(
                60, TimeUnit.SECONDS, () -> window.film().history().columns().size() == JUDGED);
        int judged = window.film().column().step() + 1;
        long length = Files.size(log);
        shoot(robot, "2-paused");
        assertEquals(length, Files.size(log), "nothing happens meanwhile");

        var particles = robot.lookup("#particles-view").query();
        robot.interact(particles::requestFocus);
        robot.type(KeyCode.RIGHT, KeyCode.RIGHT, KeyCode.B);
        int chosen = window.film().slot().get() + 1;
        label(robot, "#branch-of", "Branch of " + parent.getFileName() + ": from step " + judged);
        decimal(robot, "#lambda", 9);
        shoot(robot, "3-branch");
        // Not by the mouse: the button may be below what is seen.
        robot.interact(robot.lookup("#queue-add").queryButton()::fire);
        robot.interact(robot.lookup("#unbranch").queryButton()::fire);

        robot.interact(robot.lookup("#pause").queryButton()::fire);
        WaitForAsyncUtils.waitFor(
                180,
                TimeUnit.SECONDS,
                () -> made().size() == 2
                        && Files.exists(made(parent).resolve("manifest.json"))
                        && outcome(made(parent)) instanceof Outcome.Completed);
        var branch = made(parent);
        status(robot, "Done.");
        assertTrue(outcome(parent) instanceof Outcome.Completed, "it went on");
        assertEquals(
                branch.getFileName().toString(),
                robot.lookup("#run-name").queryAs(Label.class).getText());
        assertBranched(parent, judged, chosen, branch);
        shoot(robot, "4-done");
        robot.clickOn("#back");
        status(robot, "A recorded run: " + parent.toAbsolutePath());
        robot.clickOn("#forward");
        status(robot, "A recorded run: " + branch.toAbsolutePath());

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
        shoot(robot, "5-gallery");

        robot.press(KeyCode.ENTER).release(KeyCode.ENTER);
        status(robot, "A recorded run");
        robot.interact(() -> window.film().cursor().set(0));
        robot.clickOn("#play");
        WaitForAsyncUtils.waitFor(
                60,
                TimeUnit.SECONDS,
                () -> window.film().cursor().get() == window.film().lastColumn());
        shoot(robot, "6-replay");

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
        assertTrue(different.containsAll(List.of("3.0", "9.0", String.valueOf(judged))), different.toString());
        assertFalse(different.contains("24"), "what is the same is not listed");
        shoot(robot, "7-compare");
        robot.clickOn("#compare-back");
        assertTrue(robot.lookup("#gallery-open").queryAs(Button.class).isVisible());
    }

    /** The branch was its parent until there, and goes on from one particle alone. */
    private static void assertBranched(Path parent, int judged, int chosen, Path branch) {
        var before = history(parent);
        var after = history(branch);
        assertEquals(
                List.of(new Decision.At(judged - 1, new Decision.Branch(chosen - 1, true))),
                after.interventions().all());
        assertEquals(
                JUDGED - 1,
                after.columns().stream().filter(c -> c.step() < judged - 1).count());
        for (int c = 0; c < JUDGED - 1; c++) {
            assertArrayEquals(
                    before.columns().get(c).rewards(), after.columns().get(c).rewards());
        }
        var first = after.columns().get(JUDGED - 1);
        assertEquals(1, Arrays.stream(first.parents()).distinct().count(), "all descend from the one that was chosen");
        assertFalse(Arrays.equals(before.columns().get(JUDGED - 1).rewards(), first.rewards()));
    }

    private static RunHistory history(Path run) {
        var history = new RunHistory();
        EventLog.replay(run.resolve("events.jsonl"), history);
        return history;
    }

    /** The one that was made besides. */
    private Path made(Path besides) throws IOException {
        return made().stream().filter(m -> !m.equals(besides)).findFirst().orElseThrow();
    }

    private boolean isMade(Path folder) {
        return !before.contains(RUNS.resolve(folder.getFileName()));
    }

    private static Outcome outcome(Path run) {
        return ManifestFile.read(run.resolve("manifest.json")).outcome();
    }

    private static void decimal(FxRobot robot, String id, double value) {
        robot.interact(() -> {
            @SuppressWarnings("unchecked")
            Spinner<Double> spinner = robot.lookup(id).queryAs(Spinner.class);
            spinner.getValueFactory().setValue(value);
        });
    }

    private static void number(FxRobot robot, String id, int value) {
        robot.interact(() -> {
            @SuppressWarnings("unchecked")
            Spinner<Integer> spinner = robot.lookup(id).queryAs(Spinner.class);
            spinner.getValueFactory().setValue(value);
        });
    }

    private static void status(FxRobot robot, String begins) throws Exception {
        label(robot, "#status", begins);
    }

    private static void label(FxRobot robot, String id, String begins) throws Exception {
        WaitForAsyncUtils.waitFor(
                180,
                TimeUnit.SECONDS,
                () -> robot.lookup(id).queryAs(Label.class).getText().startsWith(begins));
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
