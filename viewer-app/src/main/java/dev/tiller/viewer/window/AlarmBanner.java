// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import java.util.OptionalInt;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Says calmly that the reward is being gamed: it rises while one that nobody steers by falls beyond its noise. */
final class AlarmBanner extends HBox {
    private final Film film;
    private final Label words = new Label();
    private OptionalInt since = OptionalInt.empty();
    private int judged;

    AlarmBanner(Film film) {
        super(10);
        this.film = film;
        setId("alarm");
        getStyleClass().add("alarm");
        setAlignment(Pos.CENTER_LEFT);
        words.setId("alarm-words");
        words.setWrapText(true);
        words.setMaxWidth(Double.MAX_VALUE);
        words.setMinHeight(USE_PREF_SIZE);
        HBox.setHgrow(words, Priority.ALWAYS);
        var show = new Button(Messages.of("alarm.show"));
        show.setId("alarm-show");
        show.getStyleClass().add(Styles.SMALL);
        show.setMinWidth(USE_PREF_SIZE);
        show.setOnAction(e -> film.cursor().set(column(since.orElse(0))));
        var dismiss = new Button("", new FontIcon(Feather.X));
        dismiss.setId("alarm-dismiss");
        dismiss.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
        dismiss.setAccessibleText(Messages.of("alarm.dismiss"));
        dismiss.setTooltip(new Tooltip(Messages.of("alarm.dismiss")));
        dismiss.setOnAction(e -> setVisible(false));
        getChildren().addAll(new FontIcon(Feather.ALERT_TRIANGLE), words, show, dismiss);
        managedProperty().bind(visibleProperty());
        setVisible(false);
        film.frames().subscribe(this::look);
    }

    /** Once raised it stays what it said. */
    private void look() {
        if (since.isPresent() || !film.begun() || film.history().columns().size() == judged) {
            return;
        }
        judged = film.history().columns().size();
        for (var curve : film.history().heldOut()) {
            var raised = film.history().gamedAt(curve);
            if (raised.isPresent()) {
                since = raised;
                words.setText(Messages.of("alarm.words", curve.name(), raised.getAsInt() + 1));
                setVisible(true);
                return;
            }
        }
    }

    /** The last column up to a step. */
    private int column(int step) {
        var columns = film.history().columns();
        int c = 0;
        while (c + 1 < columns.size() && columns.get(c + 1).step() <= step) {
            c++;
        }
        return c;
    }
}
