// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import dev.tiller.run.RunEvent;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import dev.tiller.viewer.SyntheticRun;
import dev.tiller.viewer.Trajectories;
import dev.tiller.viewer.TrajectoryPlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javafx.application.Application;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ToggleButton;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** A run from all sides, without the rest of the window. */
@ExtendWith(ApplicationExtension.class)
class ViewsTest {
    private Stage stage;

    @BeforeAll
    static void headless() {
        Headless.prepare();
    }

    @Start
    void start(Stage given) {
        stage = given;
        given.setWidth(980);
        given.setHeight(640);
        given.show();
    }

    private RunPane shown(FxRobot robot, SyntheticRun run, boolean ascent) {
        var events = new ArrayList<RunEvent>();
        if (ascent) {
            run.ascend(events::add, true);
        } else {
            run.run(events::add);
        }
        return shown(robot, run, events);
    }

    private RunPane shown(FxRobot robot, SyntheticRun run, List<RunEvent> events) {
        var panes = new ArrayList<RunPane>();
        robot.interact(() -> {
            var pane = new RunPane(run);
            panes.add(pane);
            var scene = new Scene(pane, 980, 640);
            scene.getStylesheets()
                    .add(Objects.requireNonNull(TillerWindow.class.getResource("window.css"))
                            .toExternalForm());
            Application.setUserAgentStylesheet(new PrimerLight().getUserAgentStylesheet());
            stage.setScene(scene);
            pane.film().take(events);
        });
        rest();
        return panes.get(0);
    }

    private static void rest() {
        WaitForAsyncUtils.sleep(300, TimeUnit.MILLISECONDS);
    }

    private void shoot(String name) throws Exception {
        rest();
        Headless.shoot(stage.getScene(), name);
    }

    private void dark(FxRobot robot, RunPane pane) {
        robot.interact(() -> {
            Application.setUserAgentStylesheet(new PrimerDark().getUserAgentStylesheet());
            pane.setPalette(Palette.DARK);
        });
    }

    private static SyntheticRun steered() {
        return new SyntheticRun("fk", "clip", 12, 50, 64, 3);
    }

    @Test
    void particlesAreShownWithTheirNoise(FxRobot robot) throws Exception {
        var run = steered();
        var pane = shown(robot, run, false);
        var film = pane.film();
        robot.interact(() -> film.cursor().set(1));
        var column = Objects.requireNonNull(film.column());
        assertEquals(film.picture(column, 3), film.shown(column, 3));
        robot.clickOn("#noisy");
        assertEquals(film.history().noisyPicture(column.step(), 3), film.shown(column, 3));
        assertTrue(film.shown(column, 3).isPresent());
        var title = robot.lookup(".view-title").queryAs(Label.class);
        assertTrue(title.getText().contains("noise"), title.getText());
        shoot("noisy-light");
        robot.interact(() ->
                robot.lookup("#particles-view").queryAs(ParticlesView.class).requestFocus());
        robot.type(KeyCode.N);
        assertFalse(film.noisy().get());
        assertEquals(film.picture(column, 3), film.shown(column, 3));
    }

    @Test
    void aRecordWithoutNoiseSaysSo(FxRobot robot) {
        shown(robot, new SyntheticRun("reno", "clip", 3, 30, 32, 3), true);
        robot.clickOn("#noisy");
        var title = robot.lookup(".view-title").queryAs(Label.class);
        assertEquals(Messages.of("view.particles.noiseless"), title.getText());
    }

    @Test
    void theWaysOfParticlesArePointedAtAndPlayed(FxRobot robot) throws Exception {
        var pane = shown(robot, steered(), false);
        var film = pane.film();
        robot.clickOn("#show-trajectories");
        rest();
        var view = robot.lookup("#trajectories-view").queryAs(TrajectoriesView.class);
        assertTrue(pane.lineage().showsWays());
        var ways = Trajectories.of(film.history());
        robot.interact(() -> film.cursor().set(2));
        var plot = new TrajectoryPlot(ways, view.getWidth(), view.getHeight());
        var column = Objects.requireNonNull(film.column());
        var stop = ways.stops().get(ways.indexAt(column.step()));
        // One that no other hides.
        int slot = 0;
        while (plot.slotAt(column.step(), plot.x(stop, slot), plot.y(stop, slot)) != slot) {
            slot++;
        }
        var origin = view.localToScreen(0, 0);
        robot.moveTo(origin.getX() + plot.x(stop, slot), origin.getY() + plot.y(stop, slot));
        assertEquals(new Film.Spot(2, slot), film.hover().get());
        shoot("trajectories-light");
        robot.clickOn(javafx.scene.input.MouseButton.PRIMARY);
        assertEquals(slot, film.slot().get());
        var before = Headless.picture(stage.getScene());
        robot.type(KeyCode.RIGHT);
        assertEquals(3, film.cursor().get());
        rest();
        assertFalse(
                Arrays.equals(before.rgb(), Headless.picture(stage.getScene()).rgb()), "the lines have grown");
        dark(robot, pane);
        shoot("trajectories-dark");
        robot.interact(() -> pane.lineage().focusOn(false));
        assertFalse(pane.lineage().showsWays());
    }

    @Test
    void aRecordWithoutPlacesShowsASentence(FxRobot robot) throws Exception {
        var events = new ArrayList<RunEvent>();
        var run = steered();
        run.run(events::add);
        events.removeIf(RunEvent.Located.class::isInstance);
        var pane = shown(robot, run, events);
        robot.clickOn("#show-trajectories");
        var view = robot.lookup("#trajectories-view").queryAs(TrajectoriesView.class);
        robot.interact(() -> pane.film().cursor().set(2));
        assertEquals(Messages.of("view.trajectories.none"), view.sentence());
        shoot("trajectories-none");
    }

    @Test
    void aParticleIsEnlargedAndComparedByKeys(FxRobot robot) throws Exception {
        var pane = shown(robot, steered(), false);
        var film = pane.film();
        var grid = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        robot.interact(grid::requestFocus);
        robot.type(KeyCode.RIGHT, KeyCode.RIGHT);
        assertEquals(1, film.slot().get());
        robot.type(KeyCode.ENTER);
        var large = robot.lookup("#large-view").queryAs(LargeView.class);
        shoot("large-light");
        robot.type(KeyCode.RIGHT);
        assertEquals(2, film.slot().get());
        robot.type(KeyCode.C);
        assertEquals(2, large.other().get());
        var column = Objects.requireNonNull(film.column());
        double best = Arrays.stream(column.rewards()).max().orElseThrow();
        assertEquals(best, column.rewards()[film.slot().get()], "the best of the others stands beside it");
        shoot("slider-light");
        var slider = Headless.picture(stage.getScene()).rgb();
        robot.interact(() -> large.slideTo(1));
        rest();
        assertFalse(Arrays.equals(slider, Headless.picture(stage.getScene()).rgb()));
        robot.type(KeyCode.D);
        assertTrue(robot.lookup("#difference").queryAs(ToggleButton.class).isSelected());
        dark(robot, pane);
        shoot("difference-dark");
        robot.type(KeyCode.ESCAPE);
        assertTrue(robot.lookup("#large-view").tryQuery().isEmpty(), "all are shown again");
        assertEquals(grid, stage.getScene().getFocusOwner());
    }

    @Test
    void twoThatAreClickedAreCompared(FxRobot robot) throws Exception {
        var film = shown(robot, steered(), false).film();
        var grid = robot.lookup("#particles-view").queryAs(ParticlesView.class);
        robot.clickOn(robot.offset(grid, -grid.getWidth() / 2 + 40, -grid.getHeight() / 2 + 40));
        assertEquals(0, film.slot().get());
        robot.clickOn("#large-back");
        robot.interact(() -> grid.fireEvent(new javafx.scene.input.MouseEvent(
                javafx.scene.input.MouseEvent.MOUSE_CLICKED,
                200,
                100,
                0,
                0,
                javafx.scene.input.MouseButton.PRIMARY,
                1,
                true,
                false,
                false,
                false,
                true,
                false,
                false,
                true,
                false,
                true,
                null)));
        var large = robot.lookup("#large-view").queryAs(LargeView.class);
        assertEquals(0, large.other().get());
        assertNotEquals(0, film.slot().get());
        // Blinking shows one, then the other.
        robot.type(KeyCode.B);
        var seen = new java.util.HashSet<Integer>();
        for (int i = 0; i < 12; i++) {
            WaitForAsyncUtils.sleep(150, TimeUnit.MILLISECONDS);
            seen.add(Arrays.hashCode(Headless.picture(stage.getScene()).rgb()));
        }
        assertEquals(2, seen.size());
    }

    @Test
    void aDifferenceIsMadeVisible(FxRobot robot) {
        robot.interact(() -> {
            var a = new WritableImage(2, 1);
            var b = new WritableImage(2, 1);
            a.getPixelWriter().setArgb(0, 0, 0xFF102030);
            b.getPixelWriter().setArgb(0, 0, 0xFF102038);
            a.getPixelWriter().setArgb(1, 0, 0xFF405060);
            b.getPixelWriter().setArgb(1, 0, 0xFF445060);
            var difference = Comparison.of(a, b);
            assertEquals(8, difference.largest());
            assertEquals(0xFF0000FF, difference.image().getPixelReader().getArgb(0, 0));
            assertEquals(0xFF7F0000, difference.image().getPixelReader().getArgb(1, 0));
            assertEquals(0, Comparison.of(a, a).largest());
        });
    }

    @Test
    void gamingIsToldCalmly(FxRobot robot) throws Exception {
        var run = new SyntheticRun("reno", "clip + 0.1*aesthetic", 6, 50, 64, 3);
        var pane = shown(robot, run, true);
        var words = robot.lookup("#alarm-words").queryAs(Label.class);
        assertTrue(words.getText().contains("'verifier'"), words.getText());
        shoot("alarm-light");
        var history = pane.film().history();
        int raised = history.gamedAt(history.heldOut().get(0)).orElseThrow();
        robot.clickOn("#alarm-show");
        assertEquals(raised, Objects.requireNonNull(pane.film().column()).step());
        robot.clickOn("#log");
        dark(robot, pane);
        shoot("alarm-dark");
        robot.clickOn("#alarm-dismiss");
        assertFalse(robot.lookup("#alarm").query().isVisible());
        // What does not fall raises no alarm.
        shown(robot, steered(), false);
        assertFalse(robot.lookup("#alarm").query().isVisible());
    }

    @Test
    void curvesAreChosenAndTheCursorIsOne(FxRobot robot) throws Exception {
        var pane = shown(robot, steered(), false);
        var curves = robot.lookup("#curves-view").queryAs(CurvesView.class);
        assertTrue(curves.shows("reward") && !curves.shows("evidence"));
        robot.interact(() -> curves.flip("evidence"));
        assertTrue(curves.shows("evidence"));
        robot.interact(() -> robot.lookup("#log").queryAs(ToggleButton.class).fire());
        assertTrue(curves.logarithmic());
        // Pointing at the lineage shows in the curves and in the grid.
        var lineage = robot.lookup("#lineage-view").queryAs(LineageView.class);
        robot.moveTo(robot.offset(lineage, 8, 30));
        assertTrue(pane.film().hover().get().slot() >= 0);
        shoot("lineage-hover");
        robot.clickOn("#curves-view");
        robot.type(KeyCode.LEFT);
        int at = pane.film().cursor().get();
        robot.type(KeyCode.LEFT);
        assertEquals(Math.max(0, at - 1), pane.film().cursor().get());
        robot.interact(() -> robot.lookup("#zoom-in").queryAs(Button.class).fire());
        dark(robot, pane);
        shoot("views-dark");
    }
}
