// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunListener;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.SettingsFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** The window by keys alone, and what it remembers. */
@ExtendWith(ApplicationExtension.class)
class CommandsTest {
    private Stage stage;
    private TillerWindow window;

    @BeforeAll
    static void headless() {
        Headless.prepare();
    }

    @Start
    void start(Stage given) throws Exception {
        Files.deleteIfExists(
                Path.of(System.getProperty(SettingsFolder.PROPERTY)).resolve("settings.json"));
        stage = given;
        window = new TillerWindow(new Nothing());
        window.show(given);
    }

    /** There is nothing to run. */
    private static final class Nothing implements Studio {
        @Override
        public List<Method> methods() {
            return List.of(new Method("fk", "Words.", Map.of()));
        }

        @Override
        public List<Choice> models() {
            return List.of(new Choice("scenes", "Words."));
        }

        @Override
        public List<Choice> rewards() {
            return List.of();
        }

        @Override
        public void prefer(byte[] better, byte[] worse, Consumer<String> told) {
            told.accept("");
        }

        @Override
        public Optional<String> taste() {
            return Optional.empty();
        }

        @Override
        public Job start(Map<String, String> settings, Watcher watcher) {
            RunListener unused = watcher;
            throw new IllegalStateException(unused.toString());
        }

        @Override
        public Job resume(Path folder, Watcher watcher) {
            return start(Map.of(), watcher);
        }

        @Override
        public Map<String, String> settings(Path folder) {
            return Map.of();
        }

        @Override
        public Outlook outlook(Map<String, String> settings) {
            return new Outlook(true, "Words.");
        }

        @Override
        public Map<String, Double> weights(String reward) {
            return Map.of();
        }

        @Override
        public List<Map<String, String>> queue() {
            return List.of();
        }

        @Override
        public void keepQueue(List<Map<String, String>> waiting) {}
    }

    private Settings remembered() {
        return Settings.load(Path.of(System.getProperty(SettingsFolder.PROPERTY)));
    }

    @Test
    void aCommandIsFoundByItsWords(FxRobot robot) throws Exception {
        robot.push(KeyCode.CONTROL, KeyCode.K);
        var list = robot.lookup("#palette-list").queryAs(ListView.class);
        int all = list.getItems().size();
        robot.write("light dark");
        assertTrue(list.getItems().size() < all && !list.getItems().isEmpty());
        Headless.shoot(stage.getScene(), "palette-light");
        boolean dark = robot.lookup(".root").query() != null;
        assertTrue(dark);
        robot.type(KeyCode.ENTER);
        WaitForAsyncUtils.waitForFxEvents();
        assertFalse(robot.lookup("#overlay").queryAs(StackPane.class).isVisible());
        var first = remembered().text("theme").orElseThrow();
        robot.push(KeyCode.CONTROL, KeyCode.D);
        assertNotEquals(first, remembered().text("theme").orElseThrow());
        robot.push(KeyCode.CONTROL, KeyCode.K);
        robot.write("nothing is called this");
        assertTrue(list.getItems().isEmpty());
        robot.type(KeyCode.ENTER);
        robot.type(KeyCode.ESCAPE);
        assertFalse(robot.lookup("#overlay").queryAs(StackPane.class).isVisible());
    }

    @Test
    void keysAreShownChangedAndKept(FxRobot robot) throws Exception {
        robot.push(KeyCode.F1);
        robot.interact(() -> window.dark(true));
        Headless.shoot(stage.getScene(), "keys-dark");
        robot.interact(() -> robot.lookup("#change-theme").queryButton().fire());
        robot.push(KeyCode.T);
        var hint = robot.lookup("#shortcuts-hint").queryAs(Label.class);
        assertEquals(Messages.of("shortcuts.plain"), hint.getText());
        robot.interact(() -> robot.lookup("#change-theme").queryButton().fire());
        robot.push(KeyCode.CONTROL, KeyCode.O);
        assertTrue(hint.getText().contains(Messages.of("command.open")), hint.getText());
        assertEquals("–", robot.lookup("#keys-open").queryAs(Label.class).getText());
        robot.type(KeyCode.ESCAPE);
        robot.push(KeyCode.CONTROL, KeyCode.D);
        assertTrue(remembered().text("theme").isEmpty(), "it has other keys now");
        robot.push(KeyCode.CONTROL, KeyCode.O);
        assertTrue(remembered().text("theme").isPresent());
        robot.push(KeyCode.F1);
        robot.interact(() -> robot.lookup("#shortcuts-reset").queryButton().fire());
        assertNotEquals("–", robot.lookup("#keys-open").queryAs(Label.class).getText());
        assertTrue(remembered().text("keys.theme").isEmpty());
    }

    /** Settings can be written by hand, and never keep the window from opening. */
    @Test
    void keysThatCannotBeReadAreThoseOfTheBeginning(FxRobot robot) throws Exception {
        Files.writeString(
                Path.of(System.getProperty(SettingsFolder.PROPERTY)).resolve("settings.json"),
                "{\"keys.export-film\": \"Foo+Bar\", \"keys.open\": \"Foo+Bar\"}");
        robot.interact(() -> {
            var again = new Stage();
            new TillerWindow(new Nothing()).show(again);
            assertTrue(again.getScene()
                    .getAccelerators()
                    .containsKey(javafx.scene.input.KeyCombination.valueOf("Shortcut+O")));
            again.hide();
        });
    }

    @Test
    void aClickBesideTheCommandsChoosesNone(FxRobot robot) {
        robot.push(KeyCode.CONTROL, KeyCode.K);
        robot.write("light dark");
        var list = robot.lookup("#palette-list").queryListView();
        var corner = list.localToScreen(list.getWidth() / 2, list.getHeight() - 12);
        robot.clickOn(corner.getX(), corner.getY());
        assertTrue(robot.lookup("#overlay").query().isVisible());
        assertTrue(remembered().text("theme").isEmpty());
        var first = list.localToScreen(list.getWidth() / 2, 12);
        robot.clickOn(first.getX(), first.getY());
        assertTrue(remembered().text("theme").isPresent());
    }

    @Test
    void theWindowIsAsLarge(FxRobot robot) {
        robot.interact(() -> {
            stage.setWidth(1100);
            stage.setHeight(700);
        });
        robot.interact(() -> stage.hide());
        assertEquals(1100, remembered().number("width", 960, 8192, 0), 2);
        robot.interact(() -> {
            var again = new Stage();
            new TillerWindow(new Nothing()).show(again);
            assertEquals(1100, again.getScene().getWidth(), 2);
            again.hide();
        });
    }
}
