// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Pen;
import dev.tiller.viewer.RunHistory.Column;
import java.util.Optional;
import javafx.animation.AnimationTimer;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.scene.image.Image;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import org.jspecify.annotations.Nullable;

/** The chosen particle as large as there is room, alone or against another one of the same step. */
final class LargeView extends Drawing {
    /** How two are compared. */
    enum Mode {
        SLIDER,
        BLINK,
        DIFFERENCE
    }

    private static final double FOOT = 44;
    /** Slower than three a second, which nobody's eyes mind. */
    private static final long BLINK_NANOS = 600_000_000;

    private record Place(double x, double y, double side) {}

    private final Film film;
    private final Thumbnails thumbnails;
    private final IntegerProperty other = new SimpleIntegerProperty(-1);
    private final ObjectProperty<Mode> mode = new SimpleObjectProperty<>(Mode.SLIDER);
    private double split = 0.5;
    private boolean second;
    private String compared = "";
    private @Nullable Comparison comparison;
    private final AnimationTimer blinker = new AnimationTimer() {
        @Override
        public void handle(long now) {
            boolean other = now / BLINK_NANOS % 2 == 1;
            if (other != second) {
                second = other;
                redraw();
            }
        }
    };

    LargeView(Film film, Thumbnails thumbnails) {
        super(film, thumbnails);
        this.film = film;
        this.thumbnails = thumbnails;
        film.judgings().subscribe(this::redraw);
        film.cursor().subscribe(this::redraw);
        film.noisy().subscribe(this::redraw);
        film.slot().subscribe(this::redraw);
        other.subscribe(this::redraw);
        mode.subscribe(this::redraw);
        mode.subscribe(this::blink);
        other.subscribe(this::blink);
        sceneProperty().subscribe(this::blink);
        addEventHandler(MouseEvent.MOUSE_PRESSED, this::slide);
        addEventHandler(MouseEvent.MOUSE_DRAGGED, this::slide);
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void blink() {
        if (mode.get() == Mode.BLINK && other.get() >= 0 && getScene() != null) {
            blinker.start();
        } else {
            blinker.stop();
            second = false;
        }
    }

    /** The slot that it is compared with; -1 for none. */
    IntegerProperty other() {
        return other;
    }

    ObjectProperty<Mode> mode() {
        return mode;
    }

    private void slide(MouseEvent e) {
        requestFocus();
        var place = place(getWidth(), getHeight());
        slideTo((e.getX() - place.x()) / place.side());
    }

    /** @param part how much of the width shows the chosen one, in [0, 1] */
    void slideTo(double part) {
        split = Math.max(0, Math.min(1, part));
        redraw();
    }

    private void key(KeyEvent e) {
        int by = ParticlesView.arrows(e.getCode(), 1);
        var column = film.column();
        if (by == 0 || column == null) {
            return;
        }
        if (e.isShiftDown()) {
            slideTo(split + 0.05 * by);
        } else {
            int n = column.rewards().length;
            film.slot().set(Math.floorMod(film.slot().get() + by, n));
        }
        e.consume();
    }

    private Place place(double width, double height) {
        double side = Math.max(16, Math.min(width - 24, height - FOOT - 18));
        return new Place((width - side) / 2, 12, side);
    }

    @Override
    void draw(CanvasPen pen, double width, double height) {
        var column = film.column();
        int slot = film.slot().get();
        if (column == null || slot < 0 || slot >= column.rewards().length) {
            return;
        }
        var place = place(width, height);
        var mine = film.shown(column, slot);
        boolean two = other.get() >= 0 && other.get() < column.rewards().length;
        var theirs = two ? film.shown(column, other.get()) : Optional.<String>empty();
        if (!two) {
            whole(pen, mine, place);
        } else if (mode.get() == Mode.BLINK) {
            whole(pen, second ? theirs : mine, place);
        } else if (mode.get() == Mode.SLIDER) {
            whole(pen, theirs, place);
            slider(pen, mine, place);
        } else {
            difference(pen, mine, theirs, place);
        }
        double y = place.y() + place.side() + 8;
        if (two) {
            label(pen, column, slot, Pen.Anchor.LEFT, place.x(), y, mode.get() != Mode.BLINK || !second);
            label(
                    pen,
                    column,
                    other.get(),
                    Pen.Anchor.RIGHT,
                    place.x() + place.side(),
                    y,
                    mode.get() != Mode.BLINK || second);
        } else {
            label(pen, column, slot, Pen.Anchor.CENTRE, place.x() + place.side() / 2, y, true);
        }
    }

    private void label(Pen pen, Column column, int slot, Pen.Anchor anchor, double x, double y, boolean strong) {
        var ink = strong ? palette().text() : palette().muted().faint(0.5);
        pen.text(ink, 12, anchor, x, y, Messages.of("large.label", slot + 1, GridPlot.number(column.rewards()[slot])));
        pen.text(
                palette().muted(),
                11,
                anchor,
                x,
                y + 17,
                Messages.of("large.weight", Math.round(1000 * column.weights()[slot]) / 10.0));
    }

    private Optional<Image> image(Optional<String> sha) {
        return sha.flatMap(s -> thumbnails.find(film.pictures(), s));
    }

    private void whole(CanvasPen pen, Optional<String> sha, Place place) {
        part(pen, image(sha), 1, place);
    }

    private void part(CanvasPen pen, Optional<Image> image, double part, Place place) {
        image.ifPresentOrElse(
                i -> pen.image(i, part, place.x(), place.y(), place.side()),
                () -> pen.box(palette().card(), place.x(), place.y(), part * place.side(), place.side()));
    }

    /** What lies left of the slider, and the slider. */
    private void slider(CanvasPen pen, Optional<String> sha, Place place) {
        part(pen, image(sha), split, place);
        double x = place.x() + split * place.side();
        pen.line(palette().ground(), 4, x, place.y(), x, place.y() + place.side());
        pen.line(palette().accent(), 1.5, x, place.y(), x, place.y() + place.side());
        pen.dot(palette().accent(), x, place.y() + place.side() / 2, 7);
    }

    private void difference(CanvasPen pen, Optional<String> mine, Optional<String> theirs, Place place) {
        var a = image(mine);
        var b = image(theirs);
        if (a.isPresent() && b.isPresent()) {
            var names = mine.orElseThrow() + theirs.orElseThrow();
            var known = comparison;
            if (known == null || !names.equals(compared)) {
                known = Comparison.of(a.get(), b.get());
                comparison = known;
                compared = names;
            }
            pen.image(known.image(), 1, place.x(), place.y(), place.side());
            pen.text(
                    palette().muted(),
                    11,
                    Pen.Anchor.CENTRE,
                    place.x() + place.side() / 2,
                    place.y() + place.side() + 25,
                    Messages.of("large.gap", known.largest()));
        }
    }
}
