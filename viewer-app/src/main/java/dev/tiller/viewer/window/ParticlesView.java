// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Pen;
import dev.tiller.viewer.window.Orders.Order;
import java.util.List;
import java.util.stream.Collectors;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;

/** What each particle is about to become, at the step under the cursor. A click or Enter enlarges one. */
final class ParticlesView extends Drawing {
    /** What becomes of a particle that is opened. */
    interface Opener {
        void enlarge(int slot);

        void compare(int slot, int with);
    }

    private final Film film;
    private final Opener opener;

    ParticlesView(Film film, Thumbnails thumbnails, Opener opener) {
        super(film, thumbnails);
        this.film = film;
        this.opener = opener;
        setAccessibleText(Messages.of("view.particles.read"));
        film.judgings().subscribe(this::redrawWhenRead);
        film.cursor().subscribe(() -> {
            if (film.follows()) {
                redrawWhenRead();
            } else {
                redraw();
            }
        });
        film.onComing(picture -> {
            if (getScene() != null
                    && film.follows()
                    && (picture.stage() == Stage.NOISY) == film.noisy().get()) {
                thumbnails.find(film.pictures(), picture.sha256());
            }
        });
        film.noisy().subscribe(this::redraw);
        film.slot().subscribe(this::retouch);
        film.hover().subscribe(this::retouch);
        film.orders().subscribe(this::retouch);
        addEventHandler(MouseEvent.MOUSE_CLICKED, this::click);
        addEventHandler(
                MouseEvent.MOUSE_MOVED, e -> film.hover().set(new Film.Spot(film.index(), slotAt(e.getX(), e.getY()))));
        addEventHandler(MouseEvent.MOUSE_EXITED, e -> film.hover().set(Film.Spot.NOWHERE));
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void click(MouseEvent e) {
        requestFocus();
        int before = film.slot().get();
        int slot = slotAt(e.getX(), e.getY());
        film.slot().set(slot);
        if (e.getButton() != MouseButton.PRIMARY) {
            // The menu is for the chosen one.
            return;
        }
        if (slot >= 0 && before >= 0 && before != slot && (e.isShiftDown() || e.isShortcutDown())) {
            opener.compare(slot, before);
        } else if (slot >= 0) {
            opener.enlarge(slot);
        }
    }

    private void key(KeyEvent e) {
        var column = film.column();
        if (column == null) {
            return;
        }
        int n = column.rewards().length;
        int slot = Math.min(film.slot().get(), n - 1);
        int by = arrows(e.getCode(), plot(n).across());
        if (by != 0) {
            film.slot().set(Math.max(0, Math.min(n - 1, slot + by)));
            e.consume();
        } else if (e.getCode() == KeyCode.ENTER && slot >= 0) {
            opener.enlarge(slot);
            e.consume();
        }
    }

    /** How far an arrow key goes where {@code across} stand side by side; 0 for other keys. */
    static int arrows(KeyCode code, int across) {
        return code == KeyCode.RIGHT
                ? 1
                : code == KeyCode.LEFT ? -1 : code == KeyCode.DOWN ? across : code == KeyCode.UP ? -across : 0;
    }

    private GridPlot plot(int particles) {
        return new GridPlot(particles, getWidth(), getHeight());
    }

    /** The slot whose cell is there; -1 for none. */
    int slotAt(double x, double y) {
        var column = film.column();
        return column == null ? -1 : plot(column.rewards().length).slotAt(x, y);
    }

    @Override
    void draw(CanvasPen pen, double width, double height) {
        var column = film.column();
        if (column == null) {
            var lines = Messages.of(film.begun() ? "view.particles.soon" : "view.particles.none")
                    .split("\n", -1);
            for (int i = 0; i < lines.length; i++) {
                pen.text(palette().muted(), 13, Pen.Anchor.CENTRE, width / 2, height / 2 + 20 * i, lines[i]);
            }
        } else {
            plot(column.rewards().length)
                    .draw(pen, palette(), film.lineage(), film.index(), slot -> film.shown(column, slot));
        }
    }

    /** What is to be done with a particle, as short as it gets. */
    static String signs(List<Order> orders) {
        return orders.stream()
                .map(order -> order.decision() instanceof Decision.Kill
                        ? Messages.of("order.kill")
                        : order.decision() instanceof Decision.Favour favour
                                ? Messages.of("order.favour", favour.factor())
                                : Messages.of("order.clone"))
                .collect(Collectors.joining(" "));
    }

    @Override
    void drawAbove(CanvasPen pen, double width, double height) {
        var column = film.column();
        if (column != null) {
            var plot = plot(column.rewards().length);
            if (film.hover().get().column() == film.index()) {
                plot.ring(pen, palette().text(), film.hover().get().slot());
            }
            plot.ring(pen, palette().accent(), film.slot().get());
            if (film.index() == film.lastColumn()) {
                film.orders().get().stream()
                        .collect(Collectors.groupingBy(Order::particle))
                        .forEach((slot, orders) -> plot.mark(pen, palette(), slot, signs(orders)));
            }
        }
    }
}
