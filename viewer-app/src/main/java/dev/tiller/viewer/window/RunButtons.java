// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import java.util.List;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.value.ObservableBooleanValue;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** What a run would take, and start, pause and stop. */
final class RunButtons extends VBox {
    private static final PseudoClass IMPOSSIBLE = PseudoClass.getPseudoClass("impossible");

    private final Label outlook = new Label();
    private final Button start = new Button(Messages.of("compose.start"), new FontIcon(Feather.PLAY));
    private final Button pause = new Button(Messages.of("compose.pause"), new FontIcon(Feather.PAUSE));
    private final Button stop = new Button(Messages.of("compose.stop"), new FontIcon(Feather.SQUARE));
    private final BooleanProperty possible = new SimpleBooleanProperty(true);
    private final BooleanProperty running = new SimpleBooleanProperty();

    /** @param nothing whether there is nothing to make yet */
    RunButtons(Runnable onStart, Runnable onPause, Runnable onStop, ObservableBooleanValue nothing) {
        super(6);
        outlook.setId("outlook");
        outlook.setWrapText(true);
        outlook.getStyleClass().add("words");
        start.setId("start");
        start.getStyleClass().add(Styles.ACCENT);
        start.setMaxWidth(Double.MAX_VALUE);
        start.disableProperty().bind(running.or(possible.not()).or(nothing));
        start.setOnAction(e -> {
            onStart.run();
            // What is needed next; and a caret that blinks in the prompt would have the window drawn twice a second.
            pause.requestFocus();
        });
        pause.setId("pause");
        pause.setOnAction(e -> onPause.run());
        stop.setId("stop");
        stop.setOnAction(e -> onStop.run());
        for (var button : List.of(pause, stop)) {
            button.disableProperty().bind(running.not());
            button.setMaxWidth(Double.MAX_VALUE);
            HBox.setHgrow(button, Priority.ALWAYS);
        }
        getChildren().addAll(outlook, start, new HBox(6, pause, stop));
        startByEnterIn(this);
    }

    /** Enter starts a run. Not by a default button of the window: Enter in a view must not. */
    void startByEnterIn(Node here) {
        here.addEventHandler(KeyEvent.KEY_PRESSED, e -> {
            if (e.getCode() == KeyCode.ENTER && !e.isShortcutDown()) {
                start.fire();
                e.consume();
            }
        });
    }

    /** Says what a run would take, or why it cannot be. */
    void show(Studio.Outlook seen) {
        possible.set(seen.possible());
        outlook.setText(seen.words());
        outlook.pseudoClassStateChanged(IMPOSSIBLE, !seen.possible());
    }

    /** Shows whether the run waits. */
    void paused(boolean waiting) {
        pause.setText(Messages.of(waiting ? "compose.resume" : "compose.pause"));
        pause.setGraphic(new FontIcon(waiting ? Feather.PLAY : Feather.PAUSE));
    }

    /** Gives the keys to the start. */
    void focusStart() {
        start.requestFocus();
    }

    BooleanProperty running() {
        return running;
    }
}
