// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import javafx.animation.AnimationTimer;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.layout.Region;

/** A region that is drawn by hand: at most once a frame, and only when something has changed. */
abstract class Drawing extends Region {
    private final Canvas canvas = new Canvas();
    private final AnimationTimer timer = new AnimationTimer() {
        @Override
        public void handle(long now) {
            if (stale && isVisible() && getWidth() > 0 && getHeight() > 0) {
                stale = false;
                paint();
            }
        }
    };
    private boolean stale = true;
    private Palette palette = Palette.LIGHT;

    Drawing() {
        getChildren().add(canvas);
        sceneProperty().subscribe(scene -> {
            if (scene == null) {
                timer.stop();
            } else {
                timer.start();
            }
        });
        setFocusTraversable(true);
        focusedProperty().subscribe(this::redraw);
    }

    /** Draws everything; the ground is filled already. */
    abstract void draw(GraphicsContext g, double width, double height);

    final Palette palette() {
        return palette;
    }

    final void setPalette(Palette palette) {
        this.palette = palette;
        redraw();
    }

    /** Has the next frame draw this anew. */
    final void redraw() {
        stale = true;
    }

    private void paint() {
        var g = canvas.getGraphicsContext2D();
        double w = canvas.getWidth();
        double h = canvas.getHeight();
        g.setFill(palette.ground());
        g.fillRect(0, 0, w, h);
        draw(g, w, h);
        if (isFocused()) {
            g.setStroke(palette.accent());
            g.setLineWidth(1);
            g.strokeRect(0.5, 0.5, w - 1, h - 1);
        }
    }

    @Override
    protected void layoutChildren() {
        canvas.setWidth(snapSizeX(getWidth()));
        canvas.setHeight(snapSizeY(getHeight()));
        redraw();
    }
}
