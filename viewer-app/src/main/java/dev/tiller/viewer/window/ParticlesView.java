// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.RunHistory.Column;
import java.util.Locale;
import java.util.Optional;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.image.Image;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

/**
 * What each particle is about to become, at the step under the cursor: its picture, its reward, its weight as a bar. Those
 * without descendants fade; the colour of a frame is the family.
 */
final class ParticlesView extends Drawing {
    private static final double GAP = 10;
    private static final double LABEL = 24;

    private final Film film;
    private final Thumbnails thumbnails;
    private int columns = 1;
    private double cell;

    ParticlesView(Film film, Thumbnails thumbnails) {
        this.film = film;
        this.thumbnails = thumbnails;
        setAccessibleText("Particles at the chosen step");
        film.frames().subscribe(this::redraw);
        film.cursor().subscribe(this::redraw);
        film.slot().subscribe(this::redraw);
        addEventHandler(MouseEvent.MOUSE_PRESSED, e -> {
            requestFocus();
            film.slot().set(slotAt(e.getX(), e.getY()));
        });
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void key(KeyEvent e) {
        var column = film.column();
        int by = e.getCode() == KeyCode.RIGHT
                ? 1
                : e.getCode() == KeyCode.LEFT
                        ? -1
                        : e.getCode() == KeyCode.DOWN ? columns : e.getCode() == KeyCode.UP ? -columns : 0;
        if (column != null && by != 0) {
            int n = column.rewards().length;
            film.slot().set(Math.max(0, Math.min(n - 1, film.slot().get() + by)));
            e.consume();
        }
    }

    /** The slot whose cell is there; -1 for none. */
    int slotAt(double x, double y) {
        var column = film.column();
        if (column == null || x < GAP || y < GAP) {
            return -1;
        }
        int across = (int) Math.floor((x - GAP) / (cell + GAP));
        int down = (int) Math.floor((y - GAP) / (cell + LABEL + GAP));
        int slot = down * columns + across;
        return across < columns && slot < column.rewards().length ? slot : -1;
    }

    @Override
    void draw(GraphicsContext g, double width, double height) {
        var column = film.column();
        if (column == null) {
            hint(g, width, height);
            return;
        }
        thumbnails.begin();
        arrange(column.rewards().length, width, height);
        for (int slot = 0; slot < column.rewards().length; slot++) {
            int row = slot / columns;
            drawCell(g, column, slot, GAP + slot % columns * (cell + GAP), GAP + row * (cell + LABEL + GAP));
        }
        if (thumbnails.wanting()) {
            redraw();
        }
    }

    private void hint(GraphicsContext g, double width, double height) {
        g.setFill(palette().muted());
        g.setFont(Font.font(13));
        g.setTextAlign(TextAlignment.CENTER);
        g.setTextBaseline(VPos.CENTER);
        g.fillText(
                film.begun()
                        ? "The first steps are a blur; pictures appear when the particles are judged."
                        : "Type what the picture should show, and press Start.\nOr drop a run here.",
                width / 2,
                height / 2);
    }

    /** The largest square cells that all fit. */
    private void arrange(int n, double width, double height) {
        cell = 0;
        for (int c = 1; c <= n; c++) {
            int rows = (n + c - 1) / c;
            double side = Math.min((width - GAP) / c - GAP, (height - GAP) / rows - GAP - LABEL);
            if (side > cell) {
                cell = side;
                columns = c;
            }
        }
        cell = Math.max(4, Math.min(cell, 320));
    }

    private void drawCell(GraphicsContext g, Column column, int slot, double x, double y) {
        int index = film.history().columns().indexOf(column);
        var lineage = film.lineage();
        boolean survives = lineage.survives(index, slot);
        g.setGlobalAlpha(survives ? 1 : 0.35);
        Optional<Image> picture = film.picture(column, slot).flatMap(sha -> thumbnails.find(film.pictures(), sha));
        if (picture.isPresent()) {
            g.setImageSmoothing(cell < picture.get().getWidth());
            g.drawImage(picture.get(), x, y, cell, cell);
        } else {
            g.setFill(palette().card());
            g.fillRect(x, y, cell, cell);
        }
        boolean chosen = film.slot().get() == slot;
        g.setStroke(chosen ? palette().accent() : palette().line(lineage.line(index, slot)));
        g.setLineWidth(chosen ? 3 : survives ? 2 : 1);
        g.strokeRect(x, y, cell, cell);
        if (cell > 40) {
            g.setFill(palette().text());
            g.setFont(Font.font(11));
            g.setTextAlign(TextAlignment.LEFT);
            g.setTextBaseline(VPos.TOP);
            g.fillText(number(column.rewards()[slot]), x, y + cell + 8);
            g.setTextAlign(TextAlignment.RIGHT);
            g.setFill(palette().muted());
            g.fillText("no. " + (slot + 1), x + cell, y + cell + 8);
        }
        g.setFill(palette().grid());
        g.fillRect(x, y + cell + 3, cell, 3);
        g.setFill(palette().line(lineage.line(index, slot)));
        g.fillRect(x, y + cell + 3, cell * column.weights()[slot], 3);
        g.setGlobalAlpha(1);
    }

    static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "no reward";
    }
}
