// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventLog;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.SyntheticRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
        private Path resumed = Path.of("none");
        private List<Map<String, String>> queue = List.of();
        private final List<Decision.At> decided = new ArrayList<>();
        private final List<byte[]> liked = new ArrayList<>();
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
        public Job resume(Path folder, Watcher watching) {
            resumed = folder;
            return start(settings, watching);
        }

        @Override
        public Map<String, String> settings(Path folder) {
            return Map.of("prompt", "two stars", "method", "fk", "particles", "12", "lambda", "7.0", "seed", "3");
        }

        @Override
        public Outlook outlook(Map<String, String> asked) {
            return asked.getOrDefault("reward", "").equals("nonsense")
                    ? new Outlook(false, "There is no reward 'nonsense'.")
                    : new Outlook(true, "About 800 network evaluations, about 5 s at the speed of earlier runs.");
        }

        @Override
        public List<Map<String, String>> queue() {
            return queue;
        }

        @Override
        public void keepQueue(List<Map<String, String>> waiting) {
            queue = waiting;
        }

        @Override
        public void prefer(byte[] better, byte[] worse, Consumer<String> told) {
            liked.add(better);
            liked.add(worse);
            told.accept("Learnt.");
        }

        @Override
        public Optional<String> taste() {
            return liked.isEmpty() ? Optional.empty() : Optional.of("taste(file=mine.json)");
        }

        @Override
        public Map<String, Double> weights(String reward) {
            return Map.of("clip", 1.0);
        }

        @Override
        public Job start(Map<String, String> chosen, Watcher watching) {
            settings = chosen;
            watcher = watching;
            return new Job() {
                @Override
                public void decide(int step, Decision decision) {
                    decided.add(new Decision.At(step, decision));
                }

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
        settle(robot, "#step", "step 50");
        var before = Headless.picture(stage.getScene());
        robot.interact(() -> robot.lookup("#scrubber").queryAs(Slider.class).setValue(1));
        settle(robot, "#step", "step 20");
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

    /** Two are compared by keys, one is preferred, and what was learnt becomes the reward. */
    @Test
    void theBetterOfTwoTeachesATaste(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write("a photo of a red circle and a blue square");
        robot.clickOn("#start");
        studio.watcher.began(Path.of("runs/x"), synthetic);
        events().forEach(studio.watcher::on);
        studio.watcher.ended(true);
        settle(robot, "#status", "Done.");
        var particles = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        var started = studio.watcher;
        robot.clickOn(particles).type(KeyCode.RIGHT, KeyCode.ENTER, KeyCode.C);
        assertSame(started, studio.watcher, "Enter starts a run where one is composed, not in the views");
        assertTrue(robot.lookup("#prefer-left").queryButton().isVisible());
        robot.type(KeyCode.DIGIT1);
        robot.clickOn("#prefer-right");
        settle(robot, "#status", "Learnt.");
        assertEquals(4, studio.liked.size());
        assertArrayEquals(studio.liked.get(0), studio.liked.get(3));
        assertArrayEquals(studio.liked.get(1), studio.liked.get(2));
        assertFalse(Arrays.equals(studio.liked.get(0), studio.liked.get(1)));
        Headless.shoot(stage.getScene(), "prefer");
        robot.type(KeyCode.ESCAPE);
        assertTrue(robot.lookup("#prefer-left").tryQuery().isEmpty());
        robot.push(KeyCode.CONTROL, KeyCode.K);
        robot.write("my taste").type(KeyCode.ENTER);
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals(
                "taste(file=mine.json)",
                robot.lookup(".compose").queryAs(ComposePane.class).settings().get("reward"));
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

    /** Opens a record, and waits until it is read. */
    private void opened(FxRobot robot, Path folder) throws Exception {
        robot.interact(() -> window.open(folder));
        var status = robot.lookup("#status").queryAs(Label.class);
        var banner = robot.lookup("#banner").queryAs(Label.class);
        var opening = Messages.of("status.opening", folder.toAbsolutePath(), 0).replaceAll(":? 0 %$", "");
        WaitForAsyncUtils.waitFor(
                60,
                java.util.concurrent.TimeUnit.SECONDS,
                () -> banner.isVisible() || !status.getText().startsWith(opening));
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

    /** The record of the synthetic run, as far as so many events, in a folder. */
    private Path recorded(Path folder, int events) {
        try (var log = EventLog.create(folder.resolve("events.jsonl"))) {
            events().subList(0, events).forEach(log::on);
        }
        return folder;
    }

    @Test
    void aRunThatWasKilledIsOpenedAndGoneOnWith(FxRobot robot, @TempDir Path folder) throws Exception {
        recorded(folder, events().size() / 2);
        opened(robot, folder);
        assertTrue(window.film().lastColumn() > 0);
        assertEquals(window.film().lastColumn(), window.film().cursor().get(), "it is seen from its end");
        robot.clickOn("#continue");
        assertEquals(folder.toAbsolutePath().normalize(), studio.resumed);
        assertTrue(robot.lookup("#continue").queryButton().isDisabled(), "it goes on");
        studio.watcher.began(folder, synthetic);
        events().forEach(studio.watcher::on);
        studio.watcher.ended(true);
        WaitForAsyncUtils.waitForFxEvents();
        assertFalse(robot.lookup("#continue").queryButton().isVisible(), "there is nothing left to do");
    }

    @Test
    void aBranchIsComposedAtTheChosenParticleAndUndone(FxRobot robot, @TempDir Path folder) throws Exception {
        recorded(folder, events().size());
        opened(robot, folder);
        robot.interact(() -> robot.lookup("#scrubber").queryAs(Slider.class).setValue(1));
        var views = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        robot.interact(views::requestFocus);
        robot.press(KeyCode.RIGHT).release(KeyCode.RIGHT);
        robot.press(KeyCode.B).release(KeyCode.B);
        var pane = robot.lookup(".compose").queryAs(ComposePane.class);
        assertEquals("two stars", pane.settings().get("prompt"));
        assertEquals("7.0", pane.settings().get("lambda"));
        assertEquals("20", pane.settings().get("branch-step"));
        assertTrue(pane.settings().containsKey("branch-particle"));
        assertTrue(ComposePane.command(pane.settings()).contains("--branch-from "));
        Headless.shoot(stage.getScene(), "branch");
        robot.clickOn("#start");
        assertEquals("20", studio.settings.get("branch-step"));
        studio.watcher.began(folder.resolve("branch"), synthetic);
        events().forEach(studio.watcher::on);
        studio.watcher.ended(true);
        WaitForAsyncUtils.waitForFxEvents();
        robot.clickOn("#back");
        settle(robot, "#run-name", folder.getFileName().toString());
        assertFalse(robot.lookup("#forward").queryButton().isDisabled());
        // Not by the mouse, which a tooltip may be under.
        robot.interact(robot.lookup("#unbranch").queryButton()::fire);
        assertFalse(pane.settings().containsKey("branch-step"));
    }

    @Test
    void anotherRecordIsLookedAtWhileARunGoesOn(FxRobot robot, @TempDir Path other) throws Exception {
        recorded(other, events().size());
        var live = Files.createDirectory(temp.resolve("live"));
        robot.clickOn("#prompt").write("a heart");
        robot.clickOn("#start");
        var all = events();
        studio.watcher.began(live, synthetic);
        all.subList(0, all.size() / 2).forEach(studio.watcher::on);
        settle(robot, "#status", "Step ");
        robot.clickOn("#pause");
        opened(robot, other);
        settle(robot, "#run-name", other.getFileName().toString());
        // It has its place at the next frame.
        WaitForAsyncUtils.waitFor(
                10,
                TimeUnit.SECONDS,
                () -> robot.lookup("#particles-view").tryQuery().isPresent());
        robot.interact(robot.lookup("#particles-view").query()::requestFocus);
        robot.type(KeyCode.RIGHT, KeyCode.K);
        assertEquals(List.of(), studio.decided, "what is decided here is not for the run that waits elsewhere");
        robot.clickOn("#back");
        settle(robot, "#run-name", "live");
        assertTrue(window.film().history().outcome().isEmpty());
        all.subList(all.size() / 2, all.size()).forEach(studio.watcher::on);
        studio.watcher.ended(true);
        settle(robot, "#status", "Done.");
        assertTrue(window.film().history().outcome().isPresent(), "it is the run that goes on, and not its record");
    }

    @Test
    void aRightClickChoosesAndDoesNotEnlarge(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write("a heart");
        robot.clickOn("#start");
        studio.watcher.began(temp, synthetic);
        events().forEach(studio.watcher::on);
        studio.watcher.ended(true);
        settle(robot, "#status", "Done.");
        robot.rightClickOn("#particles-view");
        assertTrue(window.film().slot().get() >= 0);
        assertFalse(robot.lookup("#large-back").queryButton().isVisible());
        assertFalse(robot.lookup("#steered").queryAs(Label.class).isVisible(), "nobody had a hand in it");
    }

    @Test
    void whatAChoiceWouldDoIsSaidWhereItIsPointedAt(FxRobot robot) {
        var words = robot.lookup("#words").queryAs(Label.class);
        robot.clickOn("#prompt");
        assertTrue(words.getText().startsWith("Every candidate is drawn from these words"), words.getText());
        robot.moveTo("#method");
        assertTrue(words.getText().startsWith("Candidates that do well are copied"), words.getText());
        robot.moveTo("#particles");
        assertTrue(words.getText().startsWith("8 pictures grow side by side"), words.getText());
    }

    @Test
    void particlesAreSteeredByHandWhileTheRunWaits(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write("a heart");
        robot.clickOn("#start");
        var all = events();
        int judged = 0;
        while (!(all.get(judged) instanceof RunEvent.Resampled)) {
            judged++;
        }
        studio.watcher.began(Path.of("runs/x"), synthetic);
        all.subList(0, judged + 1).forEach(studio.watcher::on);
        settle(robot, "#status", "Step ");
        var resampled = (RunEvent.Resampled) all.get(judged);
        int chosen = resampled.ancestors()[0];
        var particles = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        robot.interact(particles::requestFocus);
        robot.interact(() -> window.film().slot().set(chosen));
        robot.press(KeyCode.K).release(KeyCode.K);
        assertEquals(List.of(), studio.decided, "it does not wait");
        assertTrue(robot.lookup("#banner").queryAs(Label.class).getText().startsWith("Pause the run"));
        robot.clickOn("#pause");
        robot.interact(particles::requestFocus);
        robot.press(KeyCode.K).release(KeyCode.K);
        robot.press(KeyCode.F).release(KeyCode.F);
        var slots = IntStream.range(0, resampled.ancestors().length)
                .filter(i -> resampled.ancestors()[i] == chosen)
                .boxed()
                .toList();
        var kill = new Decision.At(resampled.step() + 1, new Decision.Kill(slots));
        var favour = new Decision.At(resampled.step() + 1, new Decision.Favour(slots, 2));
        assertTrue(robot.lookup("#banner").queryAs(Label.class).getText().startsWith("That particle is to be killed"));
        var waits = robot.lookup("#orders").queryAs(Label.class);
        assertEquals("One decision waits", waits.getText());
        // It is taken back, another is given in its place, and the first again.
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        assertFalse(waits.isVisible());
        robot.press(KeyCode.F).release(KeyCode.F);
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.Z);
        robot.press(KeyCode.K).release(KeyCode.K);
        assertEquals("2 decisions wait", waits.getText());
        WaitForAsyncUtils.waitForFxEvents();
        Headless.shoot(stage.getScene(), "orders");
        // A weight that is changed meanwhile waits, too, and is taken back to what it was.
        var weight = robot.lookup("#weight-0").queryAs(Slider.class);
        robot.interact(() -> weight.setValue(0.75));
        assertEquals("3 decisions wait", waits.getText());
        robot.interact(particles::requestFocus);
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        assertEquals(1, weight.getValue());
        assertEquals(List.of(), studio.decided, "nothing is carried out before the run goes on");
        robot.clickOn("#pause");
        assertFalse(studio.waiting);
        assertEquals(List.of(favour, kill), studio.decided);
        assertFalse(waits.isVisible());
        studio.watcher.refused("That would leave no particle.");
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals(
                "That would leave no particle.",
                robot.lookup("#banner").queryAs(Label.class).getText());
        assertFalse(robot.lookup("#steered").queryAs(Label.class).isVisible());
        studio.watcher.on(new RunEvent.Intervened(
                resampled.step() + 1,
                new Decision.Kill(slots),
                IntStream.range(0, resampled.ancestors().length).toArray(),
                new double[resampled.ancestors().length]));
        WaitForAsyncUtils.waitFor(
                10,
                TimeUnit.SECONDS,
                () -> robot.lookup("#steered").queryAs(Label.class).isVisible());
        // What has happened is not taken back.
        robot.interact(particles::requestFocus);
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        assertTrue(
                robot.lookup("#banner").queryAs(Label.class).getText().contains("was carried out after step "),
                robot.lookup("#banner").queryAs(Label.class).getText());
        assertTrue(robot.lookup("#branch").queryButton().isFocused(), "another way is offered");
        // The reward's parts are weighed anew while it goes on.
        robot.interact(() -> robot.lookup("#weight-0").queryAs(Slider.class).setValue(0.25));
        assertEquals(new Decision.At(-1, new Decision.Reweigh(Map.of("clip", 0.25))), studio.decided.get(2));
        Headless.shoot(stage.getScene(), "hand");
    }

    @Test
    void whatARunWouldTakeIsSaidAndWhatCannotBeIsExplained(FxRobot robot) throws Exception {
        robot.clickOn("#prompt").write("a heart");
        settle(robot, "#outlook", "About 800");
        var reward = robot.lookup("#reward").queryAs(javafx.scene.control.TextField.class);
        robot.interact(() -> reward.setText("nonsense"));
        settle(robot, "#outlook", "There is no reward");
        assertTrue(robot.lookup("#start").queryButton().isDisabled());
        robot.interact(() -> reward.setText("clip"));
        settle(robot, "#outlook", "About");
        assertFalse(robot.lookup("#start").queryButton().isDisabled());
        var pane = robot.lookup(".compose").queryAs(ComposePane.class);
        robot.interact(() ->
                robot.lookup("#preset").queryComboBox().getSelectionModel().select(2));
        assertEquals("16", pane.settings().get("particles"));
    }

    @Test
    void runsWaitInAQueueThatCanBeReorderedAndIsKept(FxRobot robot) throws Exception {
        var queue = robot.lookup(".compose").queryAs(ComposePane.class).queue();
        for (var word : List.of("one", "two", "three")) {
            robot.interact(() -> robot.lookup("#prompt").queryTextInputControl().setText(word));
            robot.interact(robot.lookup("#queue-add").queryButton()::fire);
        }
        robot.interact(robot.lookup("#queue-up").queryButton()::fire);
        assertEquals(
                List.of("one", "three", "two"),
                studio.queue.stream().map(s -> s.get("prompt")).toList());
        robot.interact(
                () -> robot.lookup("#queue").queryListView().getSelectionModel().select(2));
        robot.interact(robot.lookup("#queue-remove").queryButton()::fire);
        assertEquals(2, studio.queue.size());
        robot.clickOn("#start");
        studio.watcher.ended(true);
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals("one", studio.settings.get("prompt"));
        studio.watcher.failed("It did not work.");
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals("three", studio.settings.get("prompt"), "one that failed does not hold up the others");
        studio.watcher.began(Path.of("runs/three"), synthetic);
        studio.watcher.ended(true);
        settle(robot, "#status", "Done.");
        var banner = robot.lookup("#banner").queryAs(Label.class);
        assertTrue(banner.isVisible() && banner.getText().equals("It did not work."), "nobody has read it yet");
        robot.clickOn("#start");
        assertFalse(banner.isVisible());
        studio.watcher.ended(true);
        WaitForAsyncUtils.waitForFxEvents();
        assertEquals(List.of(), studio.queue);
        assertTrue(queue.next().isEmpty());
    }

    @Test
    void whatIsQueuedHasAPromptAndASeedOfItsOwn(FxRobot robot) {
        var add = robot.lookup("#queue-add").queryButton();
        assertTrue(add.isDisabled(), "there is nothing to make yet");
        robot.interact(() -> robot.lookup("#prompt").queryTextInputControl().setText("a heart"));
        robot.interact(add::fire);
        robot.interact(add::fire);
        assertEquals(1, studio.queue.stream().map(s -> s.get("seed")).distinct().count(), "the seed is kept");
        var more = robot.lookup("#more").queryAs(javafx.scene.control.TitledPane.class);
        var lock = (javafx.scene.control.ToggleButton) more.getContent().lookup("#lock");
        robot.interact(() -> lock.setSelected(false));
        for (int i = 0; i < 4; i++) {
            robot.interact(add::fire);
        }
        assertTrue(studio.queue.stream().map(s -> s.get("seed")).distinct().count() > 2, studio.queue.toString());
    }

    @Test
    void whatIsTypedForANumberIsTakenAsItIsOrNotAtAll(FxRobot robot) {
        var pane = robot.lookup(".compose").queryAs(ComposePane.class);
        robot.interact(() -> pane.take(Map.of("prompt", "a heart", "lambda", "0.00125", "particles", "6")));
        javafx.scene.control.Spinner<?> particles =
                robot.lookup("#particles").queryAs(javafx.scene.control.Spinner.class);
        var more = robot.lookup("#more").queryAs(javafx.scene.control.TitledPane.class);
        var lambda = (javafx.scene.control.Spinner<?>) more.getContent().lookup("#lambda");
        assertEquals("0.00125", lambda.getEditor().getText());
        for (var text : List.of("", "many", "1e999", "NaN")) {
            robot.interact(() -> {
                particles.getEditor().setText(text);
                particles.commitValue();
                lambda.getEditor().setText(text);
                lambda.commitValue();
            });
            assertEquals("6", pane.settings().get("particles"), text);
            assertEquals("0.00125", pane.settings().get("lambda"), text);
            assertEquals("6", particles.getEditor().getText(), text);
        }
        robot.interact(() -> {
            lambda.getEditor().setText("2,5");
            lambda.commitValue();
        });
        assertEquals("2.5", pane.settings().get("lambda"));
    }

    @Test
    void aPictureThatCannotBeReadIsNotWaitedFor() throws Exception {
        var thumbnails = new Thumbnails();
        WaitForAsyncUtils.waitForAsyncFx(
                5000,
                () -> thumbnails.find(
                        sha -> {
                            throw new dev.tiller.run.TillerException("Cannot read it.");
                        },
                        "ab".repeat(32)));
        WaitForAsyncUtils.waitFor(
                10, TimeUnit.SECONDS, () -> WaitForAsyncUtils.waitForAsyncFx(5000, () -> !thumbnails.busy()));
    }

    private static void settle(FxRobot robot, String id, String begins) throws Exception {
        WaitForAsyncUtils.waitFor(
                10,
                TimeUnit.SECONDS,
                () -> robot.lookup(id).queryAs(Label.class).getText().startsWith(begins));
    }
}
