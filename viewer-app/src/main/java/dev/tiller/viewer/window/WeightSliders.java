// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Messages;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.layout.VBox;

/** How much each part of the reward counts, while a run goes on; from the next judging on. */
final class WeightSliders extends VBox {
    private final Map<String, Double> weights = new LinkedHashMap<>();
    private final Map<String, Slider> sliders = new HashMap<>();

    WeightSliders() {
        super(4);
        setId("weights");
    }

    /** Hears of weights that were changed and let go. */
    interface Changed {
        void from(Map<String, Double> before, Map<String, Double> now);
    }

    /** Shows weights as they are, and tells nobody. */
    void set(Map<String, Double> now) {
        now.forEach((name, weight) -> {
            weights.put(name, weight);
            var slider = sliders.get(name);
            if (slider != null) {
                slider.setValue(weight);
            }
        });
    }

    void show(Map<String, Double> parts, Changed changed) {
        sliders.clear();
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
            sliders.put(name, slider);
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

    private void take(String name, double value, Changed changed) {
        double rounded = Math.round(value * 1000) / 1000.0;
        double before = weights.getOrDefault(name, 0.0);
        if (rounded != before) {
            weights.put(name, rounded);
            changed.from(Map.of(name, before), Map.of(name, rounded));
        }
    }

    private static String words(String name, double weight) {
        return String.format(Locale.ROOT, "%s × %.2f", name, weight);
    }
}
