// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Messages;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.layout.VBox;

/** How much each part of the reward counts, while a run goes on; from the next judging on. */
final class WeightSliders extends VBox {
    private final Map<String, Double> weights = new LinkedHashMap<>();

    WeightSliders() {
        super(4);
        setId("weights");
    }

    /** @param changed told of all weights when one was changed and let go */
    void show(Map<String, Double> parts, Consumer<Map<String, Double>> changed) {
        weights.clear();
        weights.putAll(parts);
        getChildren().clear();
        parts.forEach((name, weight) -> {
            var label = new Label(words(name, weight));
            label.getStyleClass().add("field");
            // Either sign where it was negative: a part that is avoided may come to be liked.
            double most = Math.max(1, 2 * Math.abs(weight));
            var slider = new Slider(weight < 0 ? -most : 0, most, weight);
            slider.setId("weight-" + getChildren().size() / 2);
            slider.setAccessibleText(Messages.of("weights.of", name));
            slider.setBlockIncrement(most / 20);
            label.setLabelFor(slider);
            slider.valueProperty().subscribe(value -> {
                label.setText(words(name, value.doubleValue()));
                if (!slider.isValueChanging()) {
                    take(name, value.doubleValue(), changed);
                }
            });
            slider.valueChangingProperty().subscribe(moving -> {
                if (!moving) {
                    take(name, slider.getValue(), changed);
                }
            });
            getChildren().addAll(label, slider);
        });
    }

    private void take(String name, double value, Consumer<Map<String, Double>> changed) {
        double rounded = Math.round(value * 1000) / 1000.0;
        if (rounded != weights.getOrDefault(name, Double.NaN)) {
            weights.put(name, rounded);
            changed.accept(Map.of(name, rounded));
        }
    }

    private static String words(String name, double weight) {
        return String.format(Locale.ROOT, "%s × %.2f", name, weight);
    }
}
