// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.LineagePlot;
import dev.tiller.viewer.LineagePlot.Window;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Pen;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;

/**
 * Who descends from whom. The wheel zooms, dragging moves, a click puts the cursor there; pointing at a particle shows what
 * it was about to become.
 */
final class LineageView extends Drawing {
    private static final double GLANCE = 128;

    private final Film film;
    private Window window = Window.ALL;
    private double pressedX;
    private double pressedY;
    private boolean dragged;

    LineageView(Film film, Thumbnails thumbnails) {
        super(film, thumbnails);
        this.film = film;
        setAccessibleText(Messages.of("view.lineage.read"));
        film.judgings().subscribe(this::redraw);
        film.cursor().subscribe(this::retouch);
        film.slot().subscribe(this::retouch);
        film.hover().subscribe(this::retouch);
        addEventHandler(ScrollEvent.SCROLL, e -> zoom(Math.exp(e.getDeltaY() / 300), e.getX(), e.getY()));
        addEventHandler(MouseEvent.MOUSE_PRESSED, e -> {
            requestFocus();
            pressedX = e.getX();
            pressedY = e.getY();
            dragged = false;
        });
        addEventHandler(MouseEvent.MOUSE_DRAGGED, e -> {
            dragged |= Math.hypot(e.getX() - pressedX, e.getY() - pressedY) > 4;
            if (dragged) {
                move(e.getX() - pressedX, e.getY() - pressedY);
                pressedX = e.getX();
                pressedY = e.getY();
            }
        });
        addEventHandler(MouseEvent.MOUSE_RELEASED, e -> {
            var spot = spot(e.getX(), e.getY());
            if (!dragged && spot.column() >= 0) {
                film.cursor().set(spot.column());
                film.slot().set(spot.slot());
            }
        });
        addEventHandler(MouseEvent.MOUSE_MOVED, e -> film.hover().set(spot(e.getX(), e.getY())));
        addEventHandler(MouseEvent.MOUSE_EXITED, e -> film.hover().set(Film.Spot.NOWHERE));
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void key(KeyEvent e) {
        int steps = e.getCode() == KeyCode.LEFT ? -1 : e.getCode() == KeyCode.RIGHT ? 1 : 0;
        int slots = e.getCode() == KeyCode.UP ? -1 : e.getCode() == KeyCode.DOWN ? 1 : 0;
        var column = film.column();
        if (column != null && (steps != 0 || slots != 0)) {
            film.move(steps);
            film.slot()
                    .set(Math.max(
                            0, Math.min(column.rewards().length - 1, film.slot().get() + slots)));
            e.consume();
        } else if ("+".equals(e.getText()) || "-".equals(e.getText())) {
            zoom("+".equals(e.getText()) ? 1.4 : 1 / 1.4, getWidth() / 2, getHeight() / 2);
            e.consume();
        } else if ("0".equals(e.getText())) {
            all();
            e.consume();
        }
    }

    /** Shows the whole again. */
    void all() {
        window = Window.ALL;
        redraw();
    }

    /** Enlarges around a point; never smaller than the whole. */
    void zoom(double factor, double x, double y) {
        double next = Math.max(1, Math.min(60, window.zoom() * factor));
        double by = next / window.zoom();
        window = new Window(next, x - (x - window.left()) * by, y - (y - window.top()) * by);
        move(0, 0);
    }

    /** The whole cannot be lost from sight. */
    private void move(double dx, double dy) {
        double room = window.zoom() - 1;
        window = new Window(
                window.zoom(),
                Math.max(-room * getWidth(), Math.min(0, window.left() + dx)),
                Math.max(-room * getHeight(), Math.min(0, window.top() + dy)));
        redraw();
    }

    private LineagePlot plot() {
        return new LineagePlot(film.lineage(), getWidth(), getHeight(), window);
    }

    private Film.Spot spot(double x, double y) {
        if (film.lineage().columns().isEmpty()) {
            return Film.Spot.NOWHERE;
        }
        var plot = plot();
        int column = plot.columnAt(x);
        return new Film.Spot(column, plot.slotAt(column, y));
    }

    @Override
    void draw(CanvasPen pen, double width, double height) {
        plot().draw(pen, palette(), film::picture);
    }

    @Override
    void drawAbove(CanvasPen pen, double width, double height) {
        if (film.column() == null) {
            return;
        }
        var plot = plot();
        plot.cursor(pen, palette(), film.index());
        plot.ring(pen, palette().accent(), film.index(), film.slot().get());
        var hover = film.hover().get();
        plot.ring(pen, palette().text(), hover.column(), hover.slot());
        if (isHover() && hover.slot() >= 0) {
            glance(pen, plot, hover, width, height);
        }
    }

    /** The picture of what is pointed at, beside it. */
    private void glance(Pen pen, LineagePlot plot, Film.Spot spot, double width, double height) {
        var column = film.history().columns().get(spot.column());
        double x = plot.x(spot.column()) + 16;
        x = x + GLANCE + 12 > width ? plot.x(spot.column()) - GLANCE - 28 : x;
        double y = Math.max(4, Math.min(height - GLANCE - 44, plot.y(spot.column(), spot.slot()) - GLANCE / 2));
        pen.box(palette().ground(), x, y, GLANCE + 12, GLANCE + 40);
        pen.frame(palette().grid(), 1, x, y, GLANCE + 12, GLANCE + 40);
        double left = x + 6;
        double top = y + 6;
        boolean drawn = film.picture(column, spot.slot())
                .filter(sha -> pen.picture(sha, 1, left, top, GLANCE, GLANCE))
                .isPresent();
        if (!drawn) {
            pen.box(palette().card(), left, top, GLANCE, GLANCE);
        }
        pen.text(
                palette().text(),
                11,
                Pen.Anchor.LEFT,
                left,
                top + GLANCE + 4,
                Messages.of("lineage.glance", spot.slot() + 1, column.step() + 1));
        pen.text(
                palette().muted(),
                11,
                Pen.Anchor.LEFT,
                left,
                top + GLANCE + 18,
                GridPlot.number(column.rewards()[spot.slot()]));
    }
}
