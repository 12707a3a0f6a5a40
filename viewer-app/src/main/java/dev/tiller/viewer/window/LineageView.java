// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Lineage;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

/**
 * Who descends from whom: a column for each judging, a node for each particle, its size by its weight, a curve to its
 * parent. The wheel zooms, dragging moves, a click puts the cursor there.
 */
final class LineageView extends Drawing {
    private static final double HEADER = 22;
    /** Below this height of a row, nodes are dots. */
    private static final double PICTURE = 14;

    private final Film film;
    private final Thumbnails thumbnails;
    private double zoom = 1;
    private double left;
    private double top;
    private double pressedX;
    private double pressedY;
    private boolean dragged;

    LineageView(Film film, Thumbnails thumbnails) {
        this.film = film;
        this.thumbnails = thumbnails;
        setAccessibleText("Lineage of the particles");
        film.frames().subscribe(this::redraw);
        film.cursor().subscribe(this::redraw);
        film.slot().subscribe(this::redraw);
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
                left += e.getX() - pressedX;
                top += e.getY() - pressedY;
                pressedX = e.getX();
                pressedY = e.getY();
                redraw();
            }
        });
        addEventHandler(MouseEvent.MOUSE_RELEASED, e -> {
            if (!dragged) {
                choose(e.getX(), e.getY());
            }
        });
    }

    /** Enlarges around a point; never smaller than the whole. */
    void zoom(double factor, double x, double y) {
        double next = Math.max(1, Math.min(60, zoom * factor));
        left = x - (x - left) * next / zoom;
        top = y - (y - top) * next / zoom;
        zoom = next;
        if (zoom == 1) {
            left = 0;
            top = 0;
        }
        redraw();
    }

    private double pitch(Lineage lineage) {
        return getWidth() * zoom / Math.max(1, lineage.columns().size());
    }

    private double row(Lineage lineage) {
        return (getHeight() - HEADER - 4) * zoom / Math.max(1, lineage.tallest());
    }

    private double x(Lineage lineage, int column) {
        return left + (column + 0.5) * pitch(lineage);
    }

    private double y(Lineage lineage, int column, int slot) {
        int n = lineage.columns().get(column).rewards().length;
        return HEADER + top + ((lineage.tallest() - n) / 2.0 + slot + 0.5) * row(lineage);
    }

    private void choose(double x, double y) {
        var lineage = film.lineage();
        if (lineage.columns().isEmpty()) {
            return;
        }
        int column = Math.max(0, Math.min(lineage.columns().size() - 1, (int) Math.floor((x - left) / pitch(lineage))));
        int n = lineage.columns().get(column).rewards().length;
        double first = (lineage.tallest() - n) / 2.0;
        int slot = (int) Math.floor((y - HEADER - top) / row(lineage) - first);
        film.cursor().set(column);
        film.slot().set(slot >= 0 && slot < n ? slot : -1);
    }

    @Override
    void draw(GraphicsContext g, double width, double height) {
        var lineage = film.lineage();
        if (lineage.columns().isEmpty()) {
            return;
        }
        thumbnails.begin();
        int cursor = Math.min(film.cursor().get(), lineage.columns().size() - 1);
        g.setFill(palette().accent().deriveColor(0, 1, 1, 0.10));
        g.fillRect(x(lineage, cursor) - pitch(lineage) / 2, 0, pitch(lineage), height);
        int from = Math.max(0, (int) Math.floor(-left / pitch(lineage)) - 1);
        int to = Math.min(lineage.columns().size(), (int) Math.ceil((width - left) / pitch(lineage)) + 1);
        for (boolean surviving : new boolean[] {false, true}) {
            for (int c = Math.max(1, from); c < to; c++) {
                edges(g, lineage, c, surviving);
            }
        }
        for (int c = from; c < to; c++) {
            for (int slot = 0; slot < lineage.columns().get(c).rewards().length; slot++) {
                node(g, lineage, c, slot);
            }
        }
        header(g, lineage, from, to);
        if (thumbnails.wanting()) {
            redraw();
        }
    }

    private void header(GraphicsContext g, Lineage lineage, int from, int to) {
        g.setFill(palette().ground().deriveColor(0, 1, 1, 0.85));
        g.fillRect(0, 0, getWidth(), HEADER - 4);
        g.setFill(palette().muted());
        g.setFont(Font.font(11));
        g.setTextAlign(TextAlignment.CENTER);
        g.setTextBaseline(VPos.TOP);
        int every = (int) Math.max(1, Math.ceil(44 / pitch(lineage)));
        for (int c = from; c < to; c++) {
            if (c % every == 0) {
                g.fillText(Integer.toString(lineage.columns().get(c).step() + 1), x(lineage, c), 3);
            }
        }
    }

    private void edges(GraphicsContext g, Lineage lineage, int c, boolean surviving) {
        var parents = lineage.columns().get(c).parents();
        boolean future = c > film.cursor().get();
        double fromX = x(lineage, c - 1);
        double toX = x(lineage, c);
        double middle = (fromX + toX) / 2;
        g.setLineWidth(surviving ? 1.8 : 0.8);
        for (int slot = 0; slot < parents.length; slot++) {
            if (lineage.survives(c, slot) != surviving) {
                continue;
            }
            double fromY = y(lineage, c - 1, parents[slot]);
            double toY = y(lineage, c, slot);
            if (Math.max(fromY, toY) < 0 || Math.min(fromY, toY) > getHeight()) {
                continue;
            }
            g.setGlobalAlpha((surviving ? 0.95 : 0.4) * (future ? 0.35 : 1));
            g.setStroke(
                    surviving
                            ? palette().line(lineage.line(c, slot))
                            : palette().muted());
            g.beginPath();
            g.moveTo(fromX, fromY);
            g.bezierCurveTo(middle, fromY, middle, toY, toX, toY);
            g.stroke();
        }
        g.setGlobalAlpha(1);
    }

    private void node(GraphicsContext g, Lineage lineage, int c, int slot) {
        double x = x(lineage, c);
        double y = y(lineage, c, slot);
        double room = Math.min(row(lineage) - 2, pitch(lineage) * 0.62);
        if (y < -room || y > getHeight() + room) {
            return;
        }
        var column = lineage.columns().get(c);
        boolean survives = lineage.survives(c, slot);
        g.setGlobalAlpha((survives ? 1 : 0.4) * (c > film.cursor().get() ? 0.45 : 1));
        var colour =
                survives ? palette().line(lineage.line(c, slot)) : palette().muted();
        // The area of a node is its weight; equal weights fill their rows.
        double share = Math.min(1.35, Math.sqrt(column.weights()[slot] * column.rewards().length));
        if (room < PICTURE) {
            double r = Math.max(0.8, room / 2 * share);
            g.setFill(colour);
            g.fillOval(x - r, y - r, 2 * r, 2 * r);
        } else {
            double side = Math.max(6, Math.min(72, room) * Math.min(1, 0.45 + 0.55 * share));
            var picture = film.picture(column, slot).flatMap(sha -> thumbnails.find(film.pictures(), sha));
            if (picture.isPresent()) {
                g.drawImage(picture.get(), x - side / 2, y - side / 2, side, side);
            } else {
                g.setFill(palette().card());
                g.fillRect(x - side / 2, y - side / 2, side, side);
            }
            boolean chosen = c == film.cursor().get() && slot == film.slot().get();
            g.setStroke(chosen ? palette().accent() : colour);
            g.setLineWidth(chosen ? 3 : 1.5);
            g.strokeRect(x - side / 2, y - side / 2, side, side);
        }
        g.setGlobalAlpha(1);
    }
}
