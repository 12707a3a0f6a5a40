// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Palette;
import dev.tiller.viewer.Pictures;
import javafx.geometry.Orientation;
import javafx.scene.control.SplitPane;
import javafx.scene.layout.BorderPane;

/** One run from all sides: its particles, their lineage, the curves, and the scrubber over its steps. */
public final class RunPane extends BorderPane {
    private final Film film;
    private final ParticlesPane particles;
    private final CurvesPane curves;
    private final LineagePane lineage;
    private final SplitPane right;
    private final SplitPane both;
    private final Scrubber scrubber;

    public RunPane(Pictures pictures) {
        this(new Film(pictures));
    }

    RunPane(Film film) {
        this.film = film;
        var thumbnails = new Thumbnails();
        particles = new ParticlesPane(film, thumbnails);
        curves = new CurvesPane(film, thumbnails);
        lineage = new LineagePane(film, thumbnails);
        right = new SplitPane(curves, lineage);
        right.setOrientation(Orientation.VERTICAL);
        both = new SplitPane(particles, right);
        both.setId("views");
        both.setDividerPositions(0.5);
        right.setDividerPositions(0.48);
        setTop(new AlarmBanner(film));
        setCenter(both);
        scrubber = new Scrubber(film);
        scrubber.getStyleClass().add("scrubber");
        setBottom(scrubber);
        film.announce();
    }

    public Film film() {
        return film;
    }

    /** Where a particle can be pointed at to do something with it. */
    ParticlesView particles() {
        return particles.grid();
    }

    /** Where one of two pictures can be preferred. */
    ParticlesPane comparing() {
        return particles;
    }

    Scrubber scrubber() {
        return scrubber;
    }

    /** Who descends from whom, and where they went. */
    LineagePane lineage() {
        return lineage;
    }

    /** Keeps where the dividers are, and what is shown. */
    void remember(Settings settings) {
        settings.put("divider.views", both.getDividerPositions()[0]);
        settings.put("divider.right", right.getDividerPositions()[0]);
        settings.put("trajectories", lineage.showsWays() ? 1 : 0);
    }

    /** Puts the dividers where they were, and shows what was shown. */
    void recall(Settings settings) {
        both.setDividerPositions(settings.number("divider.views", 0.05, 0.95, 0.5));
        right.setDividerPositions(settings.number("divider.right", 0.05, 0.95, 0.48));
        lineage.showWays(settings.number("trajectories", 0, 1, 0) == 1);
    }

    void setPalette(Palette palette) {
        particles.setPalette(palette);
        curves.setPalette(palette);
        lineage.setPalette(palette);
    }
}
