// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.scene.Node;
import javafx.scene.control.Label;
import org.jspecify.annotations.Nullable;

/** A line that says what a choice would do: the one that is pointed at, else the one that has the keys, else the first. */
final class Explanation extends Label {
    private final Map<Node, Supplier<String>> words = new LinkedHashMap<>();
    private final ObjectProperty<@Nullable Node> asked = new SimpleObjectProperty<>();

    Explanation() {
        setId("words");
        setWrapText(true);
        getStyleClass().add("words");
        asked.subscribe(this::update);
    }

    /** @param would what it says of the input, asked for again whenever something changed */
    void explain(Node input, Supplier<String> would) {
        words.put(input, would);
        input.focusWithinProperty().subscribe(on -> ask(input, on));
        input.hoverProperty().subscribe(on -> ask(input, on));
    }

    /** Says it anew, as something changed. */
    void update() {
        var input = asked.get();
        words.entrySet().stream()
                .filter(choice -> input == null || choice.getKey() == input)
                .findFirst()
                .ifPresent(choice -> setText(choice.getValue().get()));
    }

    private void ask(Node input, boolean on) {
        asked.set(
                on
                        ? input
                        : words.keySet().stream()
                                .filter(Node::isHover)
                                .findFirst()
                                .or(() -> words.keySet().stream()
                                        .filter(Node::isFocusWithin)
                                        .findFirst())
                                .orElse(null));
    }
}
