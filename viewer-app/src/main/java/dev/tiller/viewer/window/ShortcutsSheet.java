// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyCombination.ModifierValue;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** All keys, those of the commands to be changed: press Change, then the keys. */
final class ShortcutsSheet extends VBox {
    private final Commands commands;
    private final Overlay overlay;
    private final GridPane table = new GridPane();
    private final Label hint = new Label();
    private Commands.@Nullable Command waiting;

    ShortcutsSheet(Commands commands, Overlay overlay) {
        super(10);
        this.commands = commands;
        this.overlay = overlay;
        getStyleClass().add("sheet");
        var title = new Label(Messages.of("shortcuts.title"));
        title.getStyleClass().add(Styles.TITLE_4);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        var reset = new Button(Messages.of("shortcuts.reset"));
        reset.setId("shortcuts-reset");
        reset.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
        reset.setOnAction(e -> {
            commands.reset();
            fill();
        });
        var head = new HBox(8, title, space, reset);
        head.setAlignment(Pos.CENTER_LEFT);
        hint.setId("shortcuts-hint");
        hint.setWrapText(true);
        hint.setMinHeight(34);
        hint.getStyleClass().add("keys");
        table.setHgap(16);
        table.setVgap(4);
        var scroll = new ScrollPane(table);
        scroll.setFitToWidth(true);
        scroll.setPrefHeight(380);
        var views = new Label(Messages.of("shortcuts.views"));
        views.setWrapText(true);
        views.getStyleClass().add("keys");
        getChildren().addAll(head, hint, scroll, views);
        setMaxSize(600, Region.USE_PREF_SIZE);
        setFocusTraversable(true);
        setAccessibleText(Messages.of("shortcuts.title"));
        addEventFilter(KeyEvent.KEY_PRESSED, this::hear);
    }

    void open() {
        waiting = null;
        hint.setText(Messages.of("shortcuts.hint"));
        fill();
        overlay.show(this, this);
    }

    private void fill() {
        table.getChildren().clear();
        int row = 0;
        for (var command : commands.all()) {
            var words = new Label(command.words());
            GridPane.setHgrow(words, Priority.ALWAYS);
            words.setMaxWidth(Double.MAX_VALUE);
            var keys = new Label(
                    commands.keys(command).map(KeyCombination::getDisplayText).orElse("–"));
            keys.setId("keys-" + command.name());
            keys.getStyleClass().add("keys");
            var change = new Button(Messages.of("shortcuts.change"));
            change.setId("change-" + command.name());
            change.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
            change.setAccessibleText(Messages.of("shortcuts.change.read", command.words()));
            change.setOnAction(e -> {
                waiting = command;
                hint.setText(Messages.of("shortcuts.press", command.words()));
                requestFocus();
            });
            table.addRow(row++, words, keys, change);
        }
    }

    /** The keys that a command waits for: a function key, or one with Ctrl, Alt or Meta, or typing would set it off. */
    private void hear(KeyEvent e) {
        var command = waiting;
        if (command == null || e.getCode().isModifierKey()) {
            return;
        }
        e.consume();
        waiting = null;
        if (e.getCode() == KeyCode.ESCAPE) {
            hint.setText(Messages.of("shortcuts.hint"));
        } else if (!e.getCode().isFunctionKey() && !e.isControlDown() && !e.isAltDown() && !e.isMetaDown()) {
            hint.setText(Messages.of("shortcuts.plain"));
        } else {
            var keys = new KeyCodeCombination(
                    e.getCode(),
                    down(e.isShiftDown()),
                    down(e.isControlDown() && !e.isShortcutDown()),
                    down(e.isAltDown()),
                    down(e.isMetaDown() && !e.isShortcutDown()),
                    down(e.isShortcutDown()));
            var robbed = commands.bind(command, keys);
            hint.setText(robbed.map(r -> Messages.of("shortcuts.robbed", command.words(), r.words()))
                    .orElseGet(() -> Messages.of("shortcuts.bound", command.words(), keys.getDisplayText())));
            fill();
        }
    }

    private static ModifierValue down(boolean yes) {
        return yes ? ModifierValue.DOWN : ModifierValue.UP;
    }
}
