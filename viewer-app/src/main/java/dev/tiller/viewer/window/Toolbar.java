// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.RunExport.Subject;
import java.util.Locale;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Control;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The upper edge of the window: what concerns all of it. */
final class Toolbar extends HBox {
    /** What its buttons do. */
    interface Actions {
        void open();

        void export(Subject subject);

        void commands();

        void theme();
    }

    Toolbar(Actions actions) {
        super(6);
        getStyleClass().add("bar");
        var name = new Label("Tiller");
        name.getStyleClass().add(Styles.TITLE_4);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        var export = with(new MenuButton(Messages.of("export"), new FontIcon(Feather.DOWNLOAD)), "export");
        for (var subject : Subject.values()) {
            var item = new MenuItem(Messages.of("export." + subject.name().toLowerCase(Locale.ROOT)));
            item.setOnAction(e -> actions.export(subject));
            export.getItems().add(item);
        }
        getChildren()
                .addAll(
                        name,
                        space,
                        button("open", Feather.FOLDER, actions::open),
                        export,
                        button("commands", Feather.COMMAND, actions::commands),
                        button("theme", Feather.MOON, actions::theme));
    }

    /** Puts a button before all others. */
    void lead(ToggleButton button) {
        getChildren().add(2, button);
    }

    private static Node button(String key, Feather icon, Runnable action) {
        var button = with(new Button(Messages.of(key), new FontIcon(icon)), key);
        button.setOnAction(e -> action.run());
        return button;
    }

    private static <T extends Control> T with(T control, String key) {
        control.setId(key);
        control.getStyleClass().add(Styles.FLAT);
        control.setTooltip(new Tooltip(Messages.of(key + ".tip")));
        return control;
    }
}
