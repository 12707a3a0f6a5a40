// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javafx.beans.binding.Bindings;
import javafx.beans.value.ObservableBooleanValue;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Runs that wait for their turn: the next one begins when the one that goes on is done. Kept from one start to the next. */
final class QueuePane extends VBox {
    private final ListView<Map<String, String>> list = new ListView<>();
    private final Label problem = new Label();
    private final Studio studio;

    /**
     * @param settings what is composed now, to be made once
     * @param nothing whether that is nothing yet
     */
    QueuePane(Studio studio, Supplier<Map<String, String>> settings, ObservableBooleanValue nothing) {
        super(6);
        this.studio = studio;
        var waiting = list.getItems();
        waiting.addAll(studio.queue());
        list.setId("queue");
        list.setAccessibleText(Messages.of("queue"));
        list.setPrefHeight(120);
        list.setCellFactory(view -> new ListCell<>() {
            @Override
            protected void updateItem(Map<String, String> item, boolean empty) {
                super.updateItem(item, empty);
                setText(
                        empty || item == null
                                ? null
                                : item.getOrDefault("prompt", "") + " (" + item.getOrDefault("method", "fk") + ")");
            }
        });
        var add = button("add", Feather.PLUS, () -> {
            waiting.add(Map.copyOf(settings.get()));
            list.getSelectionModel().selectLast();
        });
        add.disableProperty().bind(nothing);
        var up = button("up", Feather.ARROW_UP, () -> move(-1));
        var down = button("down", Feather.ARROW_DOWN, () -> move(1));
        var remove = button("remove", Feather.TRASH_2, () -> waiting.remove(chosen()));
        var none = Bindings.createBooleanBinding(
                () -> chosen() < 0, list.getSelectionModel().selectedIndexProperty());
        up.disableProperty().bind(none);
        down.disableProperty().bind(none);
        remove.disableProperty().bind(none);
        var title = new Label(Messages.of("queue"));
        title.getStyleClass().add("field");
        title.setLabelFor(list);
        problem.setWrapText(true);
        problem.visibleProperty().bind(problem.textProperty().isNotEmpty());
        problem.managedProperty().bind(problem.visibleProperty());
        var some = Bindings.isNotEmpty(waiting);
        list.visibleProperty().bind(some);
        list.managedProperty().bind(some);
        getChildren().addAll(title, list, new HBox(4, add, up, down, remove), problem);
    }

    private Button button(String key, Feather icon, Runnable work) {
        var button = new Button(key.equals("add") ? Messages.of("queue.add") : "", new FontIcon(icon));
        button.setId("queue-" + key);
        button.getStyleClass().addAll(Styles.SMALL, Styles.FLAT);
        button.setTooltip(new Tooltip(Messages.of("queue." + key + ".tip")));
        button.setAccessibleText(Messages.of("queue." + key + ".tip"));
        button.setOnAction(e -> {
            work.run();
            keep();
        });
        return button;
    }

    private int chosen() {
        return list.getSelectionModel().getSelectedIndex();
    }

    private void move(int by) {
        int from = chosen();
        int to = from + by;
        if (to >= 0 && to < list.getItems().size()) {
            Collections.swap(list.getItems(), from, to);
            list.getSelectionModel().select(to);
        }
    }

    /** Takes the first one out. */
    Optional<Map<String, String>> next() {
        if (list.getItems().isEmpty()) {
            return Optional.empty();
        }
        var first = list.getItems().remove(0);
        keep();
        return Optional.of(first);
    }

    private void keep() {
        try {
            studio.keepQueue(List.copyOf(list.getItems()));
            problem.setText("");
        } catch (TillerException e) {
            // They still wait here and are made in their turn, but not after the window is closed.
            problem.setText(String.valueOf(e.getMessage()));
        }
    }
}
