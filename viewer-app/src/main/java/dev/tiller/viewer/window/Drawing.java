// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Palette;
import javafx.animation.AnimationTimer;
import javafx.scene.canvas.Canvas;
import javafx.scene.layout.Region;

/**
 * A region that is drawn by hand: at most once a frame, and only when something has changed; as long as nothing does, there are
 * no frames. What follows the cursor lies on a layer of its own, so that moving it costs little however much lies below.
 */
abstract class Drawing extends Region {
    /** When so much was spent on drawing in a frame, what else is stale waits for the next, so that none takes long. */
    private static final long BUDGET_NANOS = 8_000_000;

    /** Pictures come one by one, and need not each be drawn in a frame of its own. */
    private static final long ARRIVALS_NANOS = 60_000_000;

    /** So long pictures that are being read are waited for, rather than drawn as empty places and once more soon. */
    private static final long READING_NANOS = 120_000_000;

    /** Frames that it waits at most. */
    private static final int PATIENCE = 3;

    /** The frame that is drawn now, and what was spent in it; of the window's thread. */
    private static long frame;

    private static long spent;

    private final Canvas below = new Canvas();
    private final Canvas above = new Canvas();
    private final Thumbnails thumbnails;
    private final CanvasPen pen;
    private final CanvasPen upper;
    private final AnimationTimer timer = new AnimationTimer() {
        @Override
        public void handle(long now) {
            if (isVisible() && getWidth() > 0 && getHeight() > 0) {
                paint(now);
            }
            if (!stale && !staleAbove && missing < 0 && missingAbove < 0) {
                stop();
            }
        }
    };
    private boolean stale = true;
    /** For how many frames it has waited; what was wiped off does not wait. */
    private int waited;

    /** When it would have been drawn, had it not waited for pictures; -1 where it does not wait for them. */
    private long reading = -1;

    private boolean staleAbove = true;
    /** Pictures that had come when some were missing below, or above; -1 where none is. */
    private long missing = -1;

    private long missingAbove = -1;
    /** When it was last looked whether they have come. */
    private long looked;

    private Palette palette = Palette.LIGHT;

    Drawing(Film film, Thumbnails thumbnails) {
        this.thumbnails = thumbnails;
        pen = new CanvasPen(below.getGraphicsContext2D(), thumbnails, film.pictures());
        upper = new CanvasPen(above.getGraphicsContext2D(), thumbnails, film.pictures());
        getChildren().addAll(below, above);
        sceneProperty().subscribe(scene -> {
            if (scene == null) {
                timer.stop();
            } else {
                timer.start();
            }
        });
        setFocusTraversable(true);
        focusedProperty().subscribe(this::retouch);
    }

    /** Draws what does not follow the cursor; the ground is filled already. */
    abstract void draw(CanvasPen pen, double width, double height);

    /** Draws what follows the cursor, over the rest. */
    void drawAbove(CanvasPen pen, double width, double height) {}

    final Palette palette() {
        return palette;
    }

    final void setPalette(Palette palette) {
        this.palette = palette;
        redraw();
    }

    /** Has the next frame draw this anew. */
    final void redraw() {
        reading = -1;
        stale = true;
        retouch();
    }

    /** As {@link #redraw()}, as soon as the pictures that were asked for are read, if they are soon. */
    final void redrawWhenRead() {
        if (!stale) {
            redraw();
            reading = 0;
        }
    }

    /** Has the next frame draw anew what follows the cursor. */
    final void retouch() {
        staleAbove = true;
        if (getScene() != null) {
            timer.start();
        }
    }

    private void paint(long now) {
        if (frame != now) {
            frame = now;
            spent = 0;
        }
        long begin = System.nanoTime();
        if (now - looked >= ARRIVALS_NANOS) {
            looked = now;
            stale |= missing >= 0 && thumbnails.arrivals() > missing;
            staleAbove |= missingAbove >= 0 && thumbnails.arrivals() > missingAbove;
        }
        if (!waitsForPictures(now)) {
            paint();
        }
        spent += System.nanoTime() - begin;
    }

    private boolean waitsForPictures(long now) {
        if (reading == 0) {
            reading = now;
        }
        return reading > 0 && now - reading < READING_NANOS && thumbnails.busy();
    }

    private void paint() {
        double w = below.getWidth();
        double h = below.getHeight();
        if (stale && (spent < BUDGET_NANOS || ++waited > PATIENCE)) {
            stale = false;
            reading = -1;
            waited = 0;
            thumbnails.begin();
            pen.box(palette.ground(), 0, 0, w, h);
            draw(pen, w, h);
            missing = thumbnails.wanting() ? thumbnails.arrivals() : -1;
        }
        if (staleAbove) {
            staleAbove = false;
            thumbnails.begin();
            above.getGraphicsContext2D().clearRect(0, 0, w, h);
            drawAbove(upper, w, h);
            if (isFocused()) {
                upper.frame(palette.accent(), 1, 0.5, 0.5, w - 1, h - 1);
            }
            missingAbove = thumbnails.wanting() ? thumbnails.arrivals() : -1;
        }
    }

    @Override
    protected void layoutChildren() {
        boolean drawn = below.getWidth() > 0;
        for (var canvas : new Canvas[] {below, above}) {
            canvas.setWidth(snapSizeX(getWidth()));
            canvas.setHeight(snapSizeY(getHeight()));
        }
        redraw();
        waited = drawn ? PATIENCE : 0;
    }
}
