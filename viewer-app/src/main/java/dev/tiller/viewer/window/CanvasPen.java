// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Ink;
import dev.tiller.viewer.Pen;
import dev.tiller.viewer.Pictures;
import java.util.HashMap;
import java.util.Map;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.image.Image;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

/** Draws on a canvas of the window. */
final class CanvasPen implements Pen {
    private static final double SPECK = 1.6;

    private final GraphicsContext g;
    private final Thumbnails thumbnails;
    private final Pictures pictures;
    private final Map<Ink, Color> colours = new HashMap<>();

    CanvasPen(GraphicsContext g, Thumbnails thumbnails, Pictures pictures) {
        this.g = g;
        this.thumbnails = thumbnails;
        this.pictures = pictures;
    }

    private Color colour(Ink ink) {
        return colours.computeIfAbsent(
                ink, i -> Color.rgb(i.rgb() >> 16, i.rgb() >> 8 & 0xFF, i.rgb() & 0xFF, i.opacity()));
    }

    private void stroke(Ink ink, double width) {
        g.setStroke(colour(ink));
        g.setLineWidth(width);
    }

    @Override
    public void line(Ink ink, double width, double x1, double y1, double x2, double y2) {
        stroke(ink, width);
        g.strokeLine(x1, y1, x2, y2);
    }

    @Override
    public void lines(Ink ink, double width, double[] ends) {
        stroke(ink, width);
        g.beginPath();
        for (int i = 0; i + 3 < ends.length; i += 4) {
            g.moveTo(ends[i], ends[i + 1]);
            g.lineTo(ends[i + 2], ends[i + 3]);
        }
        g.stroke();
    }

    @Override
    public void dashed(Ink ink, double width, double x1, double y1, double x2, double y2) {
        g.setLineDashes(3, 3);
        line(ink, width, x1, y1, x2, y2);
        g.setLineDashes();
    }

    @Override
    public void bend(Ink ink, double width, double x1, double y1, double x2, double y2) {
        if (y1 == y2) {
            line(ink, width, x1, y1, x2, y2);
            return;
        }
        stroke(ink, width);
        double middle = (x1 + x2) / 2;
        g.beginPath();
        g.moveTo(x1, y1);
        g.bezierCurveTo(middle, y1, middle, y2, x2, y2);
        g.stroke();
    }

    @Override
    public void bends(Ink ink, double width, double[] ends) {
        stroke(ink, width);
        g.beginPath();
        for (int i = 0; i + 3 < ends.length; i += 4) {
            double middle = (ends[i] + ends[i + 2]) / 2;
            g.moveTo(ends[i], ends[i + 1]);
            if (ends[i + 1] == ends[i + 3]) {
                g.lineTo(ends[i + 2], ends[i + 3]);
            } else {
                g.bezierCurveTo(middle, ends[i + 1], middle, ends[i + 3], ends[i + 2], ends[i + 3]);
            }
        }
        g.stroke();
    }

    @Override
    public void dot(Ink ink, double x, double y, double radius) {
        g.setFill(colour(ink));
        if (radius < SPECK) {
            // Nobody sees that it is square, and it costs a tenth.
            g.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
        } else {
            g.fillOval(x - radius, y - radius, 2 * radius, 2 * radius);
        }
    }

    @Override
    public void box(Ink ink, double x, double y, double width, double height) {
        g.setFill(colour(ink));
        g.fillRect(x, y, width, height);
    }

    @Override
    public void frame(Ink ink, double stroke, double x, double y, double width, double height) {
        stroke(ink, stroke);
        g.strokeRect(x, y, width, height);
    }

    @Override
    public void text(Ink ink, double size, Anchor anchor, double x, double y, String text) {
        g.setFill(colour(ink));
        g.setFont(Font.font(size));
        g.setTextBaseline(VPos.TOP);
        g.setTextAlign(
                switch (anchor) {
                    case LEFT -> TextAlignment.LEFT;
                    case CENTRE -> TextAlignment.CENTER;
                    case RIGHT -> TextAlignment.RIGHT;
                });
        g.fillText(text, x, y);
    }

    @Override
    public boolean picture(String sha256, double opacity, double x, double y, double width, double height) {
        var image = thumbnails.find(pictures, sha256);
        image.ifPresent(i -> {
            g.setGlobalAlpha(opacity);
            g.setImageSmoothing(width < i.getWidth());
            g.drawImage(i, x, y, width, height);
            g.setGlobalAlpha(1);
        });
        return image.isPresent();
    }

    /**
     * The left part of a picture, in its place in a square.
     *
     * @param part of the width, in [0, 1]
     */
    void image(Image image, double part, double x, double y, double side) {
        g.setImageSmoothing(side < image.getWidth());
        g.drawImage(image, 0, 0, part * image.getWidth(), image.getHeight(), x, y, part * side, side);
    }
}
