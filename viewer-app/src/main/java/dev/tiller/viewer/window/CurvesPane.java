// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import javafx.geometry.Pos;
import javafx.scene.control.CheckMenuItem;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The curves, and which of them are shown how. */
final class CurvesPane extends BorderPane {
    private final CurvesView curves;

    CurvesPane(Film film, Thumbnails thumbnails) {
        curves = new CurvesView(film, thumbnails);
        curves.setId("curves-view");
        var title = new Label(Messages.of("view.curves"));
        title.getStyleClass().add("view-title");
        title.setLabelFor(curves);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        var logarithmic = new ToggleButton(Messages.of("curves.log"));
        logarithmic.setId("log");
        logarithmic.setMinWidth(USE_PREF_SIZE);
        logarithmic.getStyleClass().addAll(Styles.SMALL, "view-choice");
        logarithmic.setTooltip(new Tooltip(Messages.of("curves.log.tip")));
        logarithmic.selectedProperty().subscribe(curves::setLogarithmic);
        var which = new MenuButton(Messages.of("curves.which"), new FontIcon(Feather.EYE));
        which.setId("which-curves");
        which.setMinWidth(USE_PREF_SIZE);
        which.getStyleClass().addAll(Styles.SMALL, Styles.FLAT, "view-choice");
        which.setTooltip(new Tooltip(Messages.of("curves.which.tip")));
        which.setOnShowing(e -> {
            which.getItems().clear();
            for (var plot : film.plots()) {
                var item = new CheckMenuItem(plot.title());
                item.setSelected(curves.shows(plot.name()));
                item.setOnAction(a -> curves.flip(plot.name()));
                which.getItems().add(item);
            }
        });
        // Without an item a menu does not open.
        which.getItems().add(new CheckMenuItem());
        var header = new HBox(6, title, space, logarithmic, which);
        header.setAlignment(Pos.CENTER_LEFT);
        header.getStyleClass().add("view-header");
        setTop(header);
        setCenter(curves);
    }

    void setPalette(Palette palette) {
        curves.setPalette(palette);
    }
}
