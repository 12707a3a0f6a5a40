// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The lineage, and how near it is looked at; or the ways of the particles through latent space. */
final class LineagePane extends BorderPane {
    private final LineageView lineage;
    private final TrajectoriesView trajectories;
    private final ToggleButton tree = new ToggleButton(Messages.of("view.lineage"));
    private final ToggleButton ways = new ToggleButton(Messages.of("view.trajectories"));
    private final HBox zoom = new HBox(2);

    LineagePane(Film film, Thumbnails thumbnails) {
        lineage = new LineageView(film, thumbnails);
        lineage.setId("lineage-view");
        trajectories = new TrajectoriesView(film, thumbnails);
        trajectories.setId("trajectories-view");
        toggle(tree, "show-lineage", Styles.LEFT_PILL, false);
        toggle(ways, "show-trajectories", Styles.RIGHT_PILL, true);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        zoom.getChildren()
                .addAll(
                        button("zoom-in", Feather.ZOOM_IN, () -> zoom(1.4)),
                        button("zoom-out", Feather.ZOOM_OUT, () -> zoom(1 / 1.4)),
                        button("zoom-all", Feather.MAXIMIZE, lineage::all));
        var header = new HBox(tree, ways, space, zoom);
        header.setAlignment(Pos.CENTER_LEFT);
        header.getStyleClass().add("view-header");
        setTop(header);
        showWays(false);
    }

    private void toggle(ToggleButton toggle, String id, String pill, boolean on) {
        toggle.setId(id);
        toggle.getStyleClass().addAll(Styles.SMALL, pill, "view-choice");
        toggle.setMinWidth(USE_PREF_SIZE);
        toggle.setTooltip(new Tooltip(Messages.of(id + ".tip")));
        toggle.setOnAction(e -> showWays(on));
    }

    /** The ways through latent space, or the lineage. */
    void showWays(boolean on) {
        tree.setSelected(!on);
        ways.setSelected(on);
        zoom.setVisible(!on);
        setCenter(on ? trajectories : lineage);
    }

    boolean showsWays() {
        return ways.isSelected();
    }

    /** Shows one of both, and gives it the keys. */
    void focusOn(boolean onWays) {
        showWays(onWays);
        (onWays ? trajectories : lineage).requestFocus();
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
        trajectories.setPalette(palette);
    }
}
