// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Pen;
import dev.tiller.viewer.Trajectories;
import dev.tiller.viewer.TrajectoryPlot;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;

/** Where the particles went, up to the step under the cursor. Pointing at one says which, when and how good; a click chooses it. */
final class TrajectoriesView extends Drawing {
    /** As many as are drawn anew without a frame being late. */
    private static final int MOST_LINES = 2000;

    private final Film film;
    private final Trajectories ways;
    private boolean more = true;
    private TrajectoryPlot plot;

    TrajectoriesView(Film film, Thumbnails thumbnails) {
        super(film, thumbnails);
        this.film = film;
        ways = new Trajectories(film.history());
        plot = new TrajectoryPlot(ways, 1, 1);
        setAccessibleText(Messages.of("view.trajectories.read"));
        film.frames().subscribe(() -> {
            more = true;
            redraw();
        });
        film.cursor().subscribe(this::retouch);
        film.slot().subscribe(this::retouch);
        film.hover().subscribe(this::retouch);
        addEventHandler(MouseEvent.MOUSE_PRESSED, e -> {
            requestFocus();
            film.slot().set(plot.slotAt(at(), e.getX(), e.getY()));
        });
        addEventHandler(
                MouseEvent.MOUSE_MOVED,
                e -> film.hover().set(new Film.Spot(film.index(), plot.slotAt(at(), e.getX(), e.getY()))));
        addEventHandler(MouseEvent.MOUSE_EXITED, e -> film.hover().set(Film.Spot.NOWHERE));
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void key(KeyEvent e) {
        int steps = e.getCode() == KeyCode.LEFT ? -1 : e.getCode() == KeyCode.RIGHT ? 1 : 0;
        int slots = e.getCode() == KeyCode.UP ? -1 : e.getCode() == KeyCode.DOWN ? 1 : 0;
        var column = film.column();
        if (column != null && (steps != 0 || slots != 0)) {
            film.move(steps);
            int last = column.rewards().length - 1;
            film.slot().set(Math.max(0, Math.min(last, film.slot().get() + slots)));
            e.consume();
        }
    }

    /** The stop under the cursor; before anything is judged, the last. */
    private int at() {
        return stop(film.index());
    }

    private int stop(int index) {
        var columns = film.history().columns();
        return columns.isEmpty()
                ? ways.stops().size() - 1
                : ways.indexAt(columns.get(index).step());
    }

    @Override
    void draw(CanvasPen pen, double width, double height) {
        if (more) {
            more = false;
            ways.update();
        }
        if (ways.stops().isEmpty()) {
            var lines = sentence().split("\n", -1);
            for (int i = 0; i < lines.length; i++) {
                pen.text(palette().muted(), 12, Pen.Anchor.CENTRE, width / 2, height / 2 - 18 + 18 * i, lines[i]);
            }
            return;
        }
        plot = new TrajectoryPlot(ways, width, height);
        plot.map(pen, palette());
        plot.key(pen, palette());
    }

    /** What is said where there are no ways to show. */
    String sentence() {
        boolean old = film.begun() && !film.history().ess().isEmpty();
        return Messages.of(old ? "view.trajectories.none" : "view.trajectories.soon");
    }

    @Override
    void drawAbove(CanvasPen pen, double width, double height) {
        if (ways.stops().isEmpty()) {
            return;
        }
        plot.draw(pen, palette(), at(), MOST_LINES);
        plot.dots(pen, palette(), at());
        plot.ring(pen, palette().accent(), at(), film.slot().get());
        var hover = film.hover().get();
        if (hover.column() >= 0 && hover.column() < film.history().columns().size()) {
            int stop = stop(hover.column());
            plot.ring(pen, palette().text(), stop, hover.slot());
            if (isHover() && hover.slot() >= 0) {
                words(pen, stop, hover.slot(), width);
            }
        }
    }

    /** Which, when, and how good. */
    private void words(Pen pen, int at, int slot, double width) {
        var stop = ways.stops().get(at);
        boolean right = plot.x(stop, slot) > width / 2;
        double x = plot.x(stop, slot) + (right ? -12 : 12);
        double y = Math.max(4, plot.y(stop, slot) - 32);
        var text = Messages.of("trajectories.glance", slot + 1, stop.step() + 1, GridPlot.number(stop.rewards()[slot]));
        double length = 6.3 * text.length() + 10;
        pen.box(palette().ground().faint(0.9), right ? x - length : x - 4, y - 3, length + 4, 20);
        pen.text(palette().text(), 11, right ? Pen.Anchor.RIGHT : Pen.Anchor.LEFT, x, y, text);
    }
}
