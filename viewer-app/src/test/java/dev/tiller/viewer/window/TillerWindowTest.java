// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunEvent;
import dev.tiller.viewer.SyntheticRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

@ExtendWith(ApplicationExtension.class)
class TillerWindowTest {
    private final SyntheticRun synthetic = new SyntheticRun("fk", "clip", 12, 50, 64, 3);
    private final Played studio = new Played();
    private Stage stage;

    @TempDir
    Path temp;

    private TillerWindow window;

    /** A studio whose runs are played, an event at a time when the test says so. */
    private static final class Played implements Studio {
        private Map<String, String> settings = Map.of();
        private Watcher watcher;
        private boolean stopped;
        private boolean waiting;

        @Override
        public List<Method> methods() {
            return List.of(
                    new Method("base", "The plain model, unsteered.", Map.of("particles", "4")),
                    new Method(
                            "fk",
                            "Candidates that do well are copied in the place of those that do not.",
                            Map.of("particles", "8", "lambda", "3")));
        }

        @Override
        public List<Choice> models() {
            return List.of(new Choice("scenes", "The embedded model."));
        }

        @Override
        public List<Choice> rewards() {
            return List.of(new Choice("clip", "How well picture and prompt agree."));
        }

        @Override
        public Job start(Map<String, String> chosen, Watcher watching) {
            settings = chosen;
            watcher = watching;
            return new Job() {
                @Override
                public void stop() {
                    stopped = true;
                }

                @Override
                public void join() {}

                @Override
                public void pause(boolean wait) {
                    waiting = wait;
                }
            };
        }
    }

    @BeforeAll
    static void headless() {
        Headless.prepare();
    }

    @Start
    void start(Stage given) {
        stage = given;
        window = new TillerWindow(studio);
        window.show(given);
    }

    private List<RunEvent> events() {
        var events = new ArrayList<RunEvent>();
        synthetic.run(events::add);
        return events;
    }

    @Test
    void aPromptIsTypedARunIsWatchedPausedAndStopped(FxRobot robot) throws Exception {
        Headless.shoot(stage.getScene(), "empty");
        assertTrue(robot.lookup("#start").queryButton().isDisabled(), "nothing to start yet");
        robot.clickOn("#prompt").write("a heart");
        robot.clickOn("#start");
        assertEquals("a heart", studio.settings.get("prompt"));
        assertEquals("fk", studio.settings.get("method"));
        assertEquals("3.0", studio.settings.get("lambda"));
        assertTrue(robot.lookup("#start").queryButton().isDisabled(), "one run at a time");
        var all = events();
        studio.watcher.began(Path.of("runs/x"), synthetic);
        all.subList(0, all.size() / 2).forEach(studio.watcher::on);
        settle(robot, "#status", "Step ");
        robot.clickOn("#pause");
        assertTrue(studio.waiting);
        robot.clickOn("#pause");
        assertFalse(studio.waiting);
        robot.clickOn("#stop");
        assertTrue(studio.stopped);
        studio.watcher.ended(false);
        settle(robot, "#status", "Stopped.");
        assertFalse(robot.lookup("#start").queryButton().isDisabled(), "another may follow");
    }

    @Test
    void theViewsShareOneCursor(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write("a photo of a red circle and a blue square");
        robot.clickOn("#start");
        studio.watcher.began(Path.of("runs/x"), synthetic);
        events().forEach(studio.watcher::on);
        studio.watcher.ended(true);
        settle(robot, "#status", "Done.");
        WaitForAsyncUtils.sleep(400, TimeUnit.MILLISECONDS);
        Headless.shoot(stage.getScene(), "light");
        var last = robot.lookup("#step").queryAs(Label.class).getText();
        assertTrue(last.startsWith("step 50"), last);
        var before = Headless.picture(stage.getScene());
        robot.interact(() -> robot.lookup("#scrubber").queryAs(Slider.class).setValue(1));
        WaitForAsyncUtils.sleep(200, TimeUnit.MILLISECONDS);
        assertTrue(robot.lookup("#step").queryAs(Label.class).getText().startsWith("step 20"));
        assertFalse(
                Arrays.equals(before.rgb(), Headless.picture(stage.getScene()).rgb()));
        // The picture that is clicked in the grid is the one that is chosen everywhere.
        var particles = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        robot.clickOn(particles).press(KeyCode.RIGHT).release(KeyCode.RIGHT);
        robot.interact(() -> window.dark(true));
        WaitForAsyncUtils.sleep(300, TimeUnit.MILLISECONDS);
        Headless.shoot(stage.getScene(), "dark");
        assertNotEquals(-1, particles.slotAt(20, 20));
    }

    @Test
    void anotherMethodBringsItsDefaultsAndOffersOnlyWhatItHas(FxRobot robot) {
        var pane = robot.lookup(".compose").queryAs(ComposePane.class);
        assertEquals("8", pane.settings().get("particles"));
        robot.interact(() -> {
            ComboBox<Studio.Method> methods = robot.lookup("#method").queryComboBox();
            methods.setValue(methods.getItems().get(0));
        });
        assertEquals("4", pane.settings().get("particles"));
        assertFalse(pane.settings().containsKey("lambda"));
        var settings = new java.util.LinkedHashMap<String, String>();
        settings.put("prompt", "the cat's hat");
        settings.put("steps", "5");
        assertEquals("tiller run 'the cat'\\''s hat' --steps 5", ComposePane.command(settings));
    }

    @Test
    void theLastStepShowsWhatTheParticlesBecame() {
        var film = new Film(synthetic);
        // Runs keep one picture a particle at the end, the final one.
        film.take(events().stream()
                .filter(e ->
                        !(e instanceof RunEvent.Previewed p && p.stage() == RunEvent.Stage.CLEAN && p.step() == 49))
                .toList());
        var columns = film.history().columns();
        assertEquals(film.history().finalPicture(2), film.picture(columns.get(columns.size() - 1), 2));
        assertTrue(film.picture(columns.get(columns.size() - 1), 2).isPresent());
        assertNotEquals(film.history().finalPicture(2), film.picture(columns.get(0), 2));
    }

    @Test
    void aFolderWithoutARunIsExplained(FxRobot robot) {
        robot.interact(() -> window.open(Path.of("no-such-run")));
        var banner = robot.lookup("#banner").queryAs(Label.class);
        assertTrue(banner.isVisible());
        assertTrue(banner.getText().contains("no-such-run"), banner.getText());
    }

    @Test
    void whatFailsIsSaidInTheWindow(FxRobot robot) {
        robot.clickOn("#prompt").write("a heart");
        robot.clickOn("#start");
        studio.watcher.failed("There is no model 'x'.");
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals(
                "There is no model 'x'.",
                robot.lookup("#banner").queryAs(Label.class).getText());
        assertFalse(robot.lookup("#start").queryButton().isDisabled());
    }

    private Path picture(String keyword, String text) throws Exception {
        var grey = new dev.tiller.record.Picture(2, 2, new byte[12]);
        return Files.write(temp.resolve("dropped.PNG"), dev.tiller.record.Png.encode(grey, Map.of(keyword, text)));
    }

    @Test
    void aDroppedPictureSetsTheControlsAndStartsNothing(FxRobot robot) throws Exception {
        var web = picture(
                "parameters",
                "a cat\nNegative prompt: dog\nSteps: 12, Sampler: Euler a, CFG scale: 6.5, Seed: 77, Size: 64x64,"
                        + " Model: /etc/model, Clip skip: 2");
        robot.interact(() -> window.drop(web));
        var pane = robot.lookup(".compose").queryAs(ComposePane.class);
        var settings = pane.settings();
        assertEquals("a cat", settings.get("prompt"));
        assertEquals("dog", settings.get("negative"));
        assertEquals(
                List.of("12", "6.5", "77"),
                List.of(settings.get("steps"), settings.get("guidance"), settings.get("seed")));
        assertEquals("scenes", settings.get("model"), "a path is shown, not taken");
        var banner = robot.lookup("#banner").queryAs(Label.class);
        for (var left : List.of("model /etc/model", "scheduler euler-a", "width 64", "Clip skip 2")) {
            assertTrue(banner.getText().contains(left), banner.getText());
        }
        assertEquals(Map.of(), studio.settings, "nothing was started");
        Headless.shoot(stage.getScene(), "dropped");
        // Values that no control can have, and files named by a reward.
        for (var hostile : List.of(
                "\"reward\":\"clip(model=/tmp/evil)\"",
                "\"reward\":\"clip(model=..)\"",
                "\"particles\":1000000",
                "\"steps\":\"many\"",
                "\"lambda\":\"NaN\"",
                "\"guidance\":1e300",
                "\"seed\":\"99999999999999999999\"",
                "\"method\":[\"fk\"]",
                "\"branch-from\":\"/tmp/evil\"")) {
            var ours = picture(
                    "tiller",
                    "{\"format\":\"tiller-picture\",\"version\":1,\"slot\":0,\"rank\":1,\"reward\":1.0,\"parts\":{},"
                            + "\"run\":{\"prompt\":\"a heart\",\"seed\":3,\"plan\":{\"prompt\":\"a heart\"," + hostile
                            + "},\"weights\":[],\"versions\":{},\"device\":\"cpu\"}}");
            var before = pane.settings();
            robot.interact(() -> window.drop(ours));
            var name = hostile.substring(1, hostile.indexOf('"', 1));
            assertTrue(banner.getText().contains("Not taken over: " + name), banner.getText());
            assertEquals(before.get(name), pane.settings().get(name));
            assertEquals("a heart", pane.settings().get("prompt"));
        }
        var broken = Files.write(temp.resolve("broken.png"), new byte[] {1, 2, 3});
        robot.interact(() -> window.drop(broken));
        assertTrue(banner.getText().contains("broken.png"), banner.getText());
        assertEquals(Map.of(), studio.settings);
    }

    private static void settle(FxRobot robot, String id, String begins) throws Exception {
        WaitForAsyncUtils.waitFor(
                10,
                TimeUnit.SECONDS,
                () -> robot.lookup(id).queryAs(Label.class).getText().startsWith(begins));
    }
}
