// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.RunHistory.Ess;
import java.util.List;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.MouseEvent;

/** The reward of each particle above, the effective sample size below, over the steps; a click puts the cursor there. */
final class CurvesView extends Drawing {
    private final Film film;

    CurvesView(Film film) {
        this.film = film;
        setAccessibleText("Rewards and effective sample size over the steps");
        film.frames().subscribe(this::redraw);
        film.cursor().subscribe(this::redraw);
        film.slot().subscribe(this::redraw);
        addEventHandler(MouseEvent.MOUSE_PRESSED, this::point);
        addEventHandler(MouseEvent.MOUSE_DRAGGED, this::point);
    }

    private void point(MouseEvent e) {
        requestFocus();
        var columns = film.history().columns();
        if (columns.isEmpty()) {
            return;
        }
        var axes = rewards(getWidth(), getHeight());
        int nearest = 0;
        for (int c = 1; c < columns.size(); c++) {
            if (Math.abs(axes.x(columns.get(c).step() + 1.0) - e.getX())
                    < Math.abs(axes.x(columns.get(nearest).step() + 1.0) - e.getX())) {
                nearest = c;
            }
        }
        film.cursor().set(nearest);
    }

    private Axes rewards(double width, double height) {
        var range = film.lineage().rewardRange();
        return new Axes("reward", 0, 0, width, height * 0.6, film.history().steps(), range[0], range[1]);
    }

    @Override
    void draw(GraphicsContext g, double width, double height) {
        if (!film.begun()) {
            return;
        }
        var axes = rewards(width, height);
        axes.draw(g, palette());
        drawRewards(g, axes);
        var ess = film.history().ess();
        int most = ess.stream()
                .mapToInt(Ess::particles)
                .max()
                .orElse(film.history().particles());
        var below = new Axes(
                "effective particles",
                0,
                height * 0.6,
                width,
                height * 0.4,
                film.history().steps(),
                0,
                most);
        below.draw(g, palette());
        drawEss(g, below, ess);
        var column = film.column();
        if (column != null) {
            g.setStroke(palette().accent());
            g.setLineWidth(1);
            double x = Math.round(axes.x(column.step() + 1.0)) + 0.5;
            g.strokeLine(x, axes.top(), x, below.bottom());
        }
    }

    private void drawRewards(GraphicsContext g, Axes axes) {
        var lineage = film.lineage();
        var columns = lineage.columns();
        for (boolean surviving : new boolean[] {false, true}) {
            for (int c = 0; c < columns.size(); c++) {
                var column = columns.get(c);
                for (int slot = 0; slot < column.rewards().length; slot++) {
                    double reward = column.rewards()[slot];
                    if (lineage.survives(c, slot) != surviving || !Double.isFinite(reward)) {
                        continue;
                    }
                    var colour = surviving
                            ? palette().line(lineage.line(c, slot))
                            : palette().muted();
                    g.setGlobalAlpha(surviving ? 1 : 0.45);
                    g.setStroke(colour);
                    g.setFill(colour);
                    g.setLineWidth(surviving ? 1.8 : 1);
                    double x = axes.x(column.step() + 1.0);
                    double y = axes.y(reward);
                    if (c > 0) {
                        var before = columns.get(c - 1);
                        double parent = before.rewards()[column.parents()[slot]];
                        if (Double.isFinite(parent)) {
                            g.strokeLine(axes.x(before.step() + 1.0), axes.y(parent), x, y);
                        }
                    }
                    boolean chosen =
                            c == film.cursor().get() && slot == film.slot().get();
                    double r = chosen ? 5 : 2.5;
                    g.fillOval(x - r, y - r, 2 * r, 2 * r);
                }
            }
        }
        g.setGlobalAlpha(1);
    }

    private void drawEss(GraphicsContext g, Axes axes, List<Ess> ess) {
        g.setLineWidth(1.8);
        double beforeX = axes.x(0);
        double beforeY = axes.y(film.history().particles());
        for (var point : ess) {
            double x = axes.x(point.step() + 1.0);
            double y = axes.y(point.ess());
            g.setStroke(palette().line(0));
            g.strokeLine(beforeX, beforeY, x, y);
            if (point.resampled()) {
                g.setStroke(palette().alarm());
                g.setLineDashes(3, 3);
                g.strokeLine(x, axes.top(), x, axes.bottom());
                g.setLineDashes();
                y = axes.y(point.particles());
            }
            beforeX = x;
            beforeY = y;
        }
    }
}
