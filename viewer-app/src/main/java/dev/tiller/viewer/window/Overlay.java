// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.StackPane;
import org.jspecify.annotations.Nullable;

/** A sheet over the window, which Escape or a click beside it takes away; what had the focus has it again then. */
final class Overlay extends StackPane {
    private @Nullable Node before;

    Overlay() {
        setId("overlay");
        getStyleClass().add("overlay");
        setAlignment(Pos.TOP_CENTER);
        setPadding(new Insets(64, 24, 24, 24));
        setVisible(false);
        addEventHandler(KeyEvent.KEY_PRESSED, e -> {
            if (e.getCode() == KeyCode.ESCAPE) {
                hide();
                e.consume();
            }
        });
        addEventHandler(MouseEvent.MOUSE_PRESSED, e -> {
            if (e.getTarget() == this) {
                hide();
            }
        });
    }

    /** @param focus what gets the focus */
    void show(Node sheet, Node focus) {
        if (!isVisible()) {
            before = getScene().getFocusOwner();
        }
        getChildren().setAll(sheet);
        setVisible(true);
        focus.requestFocus();
    }

    void hide() {
        setVisible(false);
        getChildren().clear();
        if (before != null) {
            before.requestFocus();
        }
    }
}
