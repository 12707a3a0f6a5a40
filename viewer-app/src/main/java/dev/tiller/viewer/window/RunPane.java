// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Pictures;
import java.util.List;
import javafx.geometry.Orientation;
import javafx.scene.control.Label;
import javafx.scene.control.SplitPane;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.VBox;

/** One run from four sides: its particles, their lineage, the curves, and the scrubber over its steps. */
public final class RunPane extends BorderPane {
    private final Film film;
    private final ParticlesView particles;
    private final List<Drawing> drawings;

    public RunPane(Pictures pictures) {
        film = new Film(pictures);
        var thumbnails = new Thumbnails();
        particles = new ParticlesView(film, thumbnails);
        var lineage = new LineageView(film, thumbnails);
        var curves = new CurvesView(film);
        particles.setId("particles-view");
        lineage.setId("lineage-view");
        curves.setId("curves-view");
        drawings = List.of(particles, lineage, curves);
        var right = new SplitPane(titled("view.curves", curves), titled("view.lineage", lineage));
        right.setOrientation(Orientation.VERTICAL);
        right.setDividerPositions(0.48);
        var both = new SplitPane(titled("view.particles", particles), right);
        both.setDividerPositions(0.5);
        both.setId("views");
        setCenter(both);
        var scrubber = new Scrubber(film);
        scrubber.getStyleClass().add("scrubber");
        setBottom(scrubber);
    }

    public Film film() {
        return film;
    }

    /** Where a particle can be pointed at to do something with it. */
    ParticlesView particles() {
        return particles;
    }

    void setPalette(Palette palette) {
        drawings.forEach(d -> d.setPalette(palette));
    }

    private static VBox titled(String key, Drawing drawing) {
        var title = new Label(Messages.of(key));
        title.getStyleClass().add("view-title");
        title.setLabelFor(drawing);
        VBox.setVgrow(drawing, javafx.scene.layout.Priority.ALWAYS);
        return new VBox(title, drawing);
    }
}
