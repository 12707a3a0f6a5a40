// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Messages;
import java.util.Locale;
import java.util.stream.Stream;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** Everything that can be done, found by a few letters of its words. */
final class CommandPalette extends VBox {
    private final Commands commands;
    private final Overlay overlay;
    private final TextField letters = new TextField();
    private final ListView<Commands.Command> list = new ListView<>();

    CommandPalette(Commands commands, Overlay overlay) {
        super(8);
        this.commands = commands;
        this.overlay = overlay;
        getStyleClass().add("sheet");
        letters.setId("palette-letters");
        letters.setPromptText(Messages.of("palette.hint"));
        letters.setAccessibleText(Messages.of("palette.hint"));
        list.setId("palette-list");
        list.setAccessibleText(Messages.of("palette.list"));
        list.setFocusTraversable(false);
        list.setPrefHeight(340);
        list.setPlaceholder(new Label(Messages.of("palette.none")));
        list.setCellFactory(l -> new CommandCell(commands, this::run));
        letters.textProperty().subscribe(this::find);
        letters.addEventFilter(KeyEvent.KEY_PRESSED, e -> {
            switch (e.getCode()) {
                case DOWN -> move(1);
                case UP -> move(-1);
                case ENTER -> run();
                default -> {
                    return;
                }
            }
            e.consume();
        });
        getChildren().addAll(letters, list);
        setMaxSize(540, Region.USE_PREF_SIZE);
    }

    /** All words that were typed are in the command's. */
    private void find() {
        var typed = letters.getText().toLowerCase(Locale.ROOT).strip().split("\\s+");
        list.getItems()
                .setAll(commands.all().stream()
                        .filter(c -> Stream.of(typed).allMatch(c.words().toLowerCase(Locale.ROOT)::contains))
                        .toList());
        list.getSelectionModel().selectFirst();
    }

    private void move(int by) {
        int to = list.getSelectionModel().getSelectedIndex() + by;
        list.getSelectionModel().select(Math.max(0, Math.min(list.getItems().size() - 1, to)));
        list.scrollTo(list.getSelectionModel().getSelectedIndex());
    }

    private void run() {
        var chosen = list.getSelectionModel().getSelectedItem();
        if (chosen != null) {
            overlay.hide();
            chosen.action().run();
        }
    }

    void open() {
        letters.clear();
        find();
        overlay.show(this, letters);
    }

    /** What a command does on the left, its keys on the right. */
    private static final class CommandCell extends ListCell<Commands.Command> {
        private final Commands commands;
        private final Label words = new Label();
        private final Label keys = new Label();
        private final HBox row = new HBox(words, space(), keys);

        /** @param chosen does the chosen one: a click beside the commands, or on the scroll bar, chooses none */
        CommandCell(Commands commands, Runnable chosen) {
            this.commands = commands;
            setOnMouseClicked(e -> {
                if (!isEmpty()) {
                    chosen.run();
                }
            });
            row.setAlignment(Pos.CENTER_LEFT);
            keys.getStyleClass().add("keys");
        }

        private static Region space() {
            var space = new Region();
            HBox.setHgrow(space, Priority.ALWAYS);
            return space;
        }

        @Override
        protected void updateItem(Commands.@Nullable Command command, boolean empty) {
            super.updateItem(command, empty);
            if (command == null || empty) {
                setGraphic(null);
                return;
            }
            words.setText(command.words());
            keys.setText(
                    commands.keys(command).map(KeyCombination::getDisplayText).orElse(""));
            setGraphic(row);
        }
    }
}
