// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Palette;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The lineage, and how near it is looked at. */
final class LineagePane extends BorderPane {
    private final LineageView lineage;

    LineagePane(Film film, Thumbnails thumbnails) {
        lineage = new LineageView(film, thumbnails);
        lineage.setId("lineage-view");
        var title = new Label(Messages.of("view.lineage"));
        title.getStyleClass().add("view-title");
        title.setLabelFor(lineage);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        var header = new HBox(
                2,
                title,
                space,
                button("zoom-in", Feather.ZOOM_IN, () -> zoom(1.4)),
                button("zoom-out", Feather.ZOOM_OUT, () -> zoom(1 / 1.4)),
                button("zoom-all", Feather.MAXIMIZE, lineage::all));
        header.setAlignment(Pos.CENTER_LEFT);
        header.getStyleClass().add("view-header");
        setTop(header);
        setCenter(lineage);
    }

    private void zoom(double factor) {
        lineage.zoom(factor, lineage.getWidth() / 2, lineage.getHeight() / 2);
    }

    private static Button button(String id, Feather icon, Runnable action) {
        var button = new Button("", new FontIcon(icon));
        button.setId(id);
        button.getStyleClass().addAll(Styles.SMALL, Styles.FLAT, Styles.BUTTON_ICON);
        button.setAccessibleText(Messages.of(id));
        button.setTooltip(new Tooltip(Messages.of(id)));
        button.setOnAction(e -> action.run());
        return button;
    }

    void setPalette(Palette palette) {
        lineage.setPalette(palette);
    }
}
