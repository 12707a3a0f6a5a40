// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.CurvesPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Plots;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;

/** The curves of a run over its steps; a click puts the cursor there. */
final class CurvesView extends Drawing {
    private final Film film;
    /** Names of plots whose visibility was chosen against the default. */
    private final Set<String> flipped = new HashSet<>();

    private boolean logarithmic;
    private CurvesPlot plot = new CurvesPlot(List.of(), 1, 1, 1, false);

    CurvesView(Film film, Thumbnails thumbnails) {
        super(film, thumbnails);
        this.film = film;
        setAccessibleText(Messages.of("view.curves.read"));
        film.frames().subscribe(this::redraw);
        film.cursor().subscribe(this::retouch);
        film.slot().subscribe(this::retouch);
        film.hover().subscribe(this::retouch);
        addEventHandler(MouseEvent.MOUSE_PRESSED, this::point);
        addEventHandler(MouseEvent.MOUSE_DRAGGED, this::point);
        addEventHandler(
                MouseEvent.MOUSE_MOVED,
                e -> film.hover().set(new Film.Spot(plot.nearest(film.history().columns(), e.getX()), -1)));
        addEventHandler(MouseEvent.MOUSE_EXITED, e -> film.hover().set(Film.Spot.NOWHERE));
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void key(KeyEvent e) {
        int by = e.getCode() == KeyCode.LEFT ? -1 : e.getCode() == KeyCode.RIGHT ? 1 : 0;
        if (by != 0) {
            film.move(by);
            e.consume();
        }
    }

    private void point(MouseEvent e) {
        requestFocus();
        film.cursor().set(plot.nearest(film.history().columns(), e.getX()));
    }

    boolean shows(String name) {
        boolean usual = name.startsWith(Plots.HELD_OUT)
                || Set.of(Plots.REWARD, Plots.EFFECTIVE, Plots.GRADIENT, Plots.PRIOR)
                        .contains(name);
        return usual != flipped.contains(name);
    }

    /** Shows or hides a curve. */
    void flip(String name) {
        if (!flipped.remove(name)) {
            flipped.add(name);
        }
        redraw();
    }

    boolean logarithmic() {
        return logarithmic;
    }

    void setLogarithmic(boolean on) {
        logarithmic = on;
        redraw();
    }

    @Override
    void draw(CanvasPen pen, double width, double height) {
        if (film.begun()) {
            var shown = film.plots().stream().filter(p -> shows(p.name())).toList();
            plot = new CurvesPlot(shown, film.history().steps(), width, height, logarithmic);
            plot.draw(pen, palette());
        }
    }

    @Override
    void drawAbove(CanvasPen pen, double width, double height) {
        var column = film.column();
        if (column == null) {
            return;
        }
        plot.cursor(pen, palette().accent(), column.step());
        plot.ring(pen, palette().accent(), column, film.slot().get());
        var hover = film.hover().get();
        if (hover.column() >= 0 && hover.column() < film.history().columns().size()) {
            var pointed = film.history().columns().get(hover.column());
            plot.cursor(pen, palette().muted().faint(0.6), pointed.step());
            plot.ring(pen, palette().text(), pointed, hover.slot());
        }
    }
}
