// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import javafx.animation.AnimationTimer;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Moves the cursor over the judged steps of a run: by hand, one at a time, or playing. */
final class Scrubber extends HBox {
    private final Film film;
    private final Slider slider = new Slider(0, 0, 0);
    private final Label label = new Label();
    private final ChoiceBox<String> speed = new ChoiceBox<>();
    private final BooleanProperty playing = new SimpleBooleanProperty();
    private final AnimationTimer timer = new AnimationTimer() {
        @Override
        public void handle(long now) {
            play(now);
        }
    };
    private long lastMove;

    Scrubber(Film film) {
        super(8);
        this.film = film;
        setAlignment(Pos.CENTER_LEFT);
        var play = new Button(Messages.of("scrubber.play"), new FontIcon(Feather.PLAY));
        play.setId("play");
        play.getStyleClass().add(Styles.FLAT);
        play.setTooltip(new Tooltip(Messages.of("scrubber.play.tip")));
        play.setOnAction(e -> toggle());
        playing.subscribe(on -> {
            play.setGraphic(new FontIcon(on ? Feather.PAUSE : Feather.PLAY));
            play.setText(Messages.of(on ? "scrubber.pause" : "scrubber.play"));
        });
        speed.getItems().addAll("1×", "2×", "4×", "8×");
        speed.setValue("1×");
        speed.setAccessibleText(Messages.of("scrubber.speed"));
        speed.setTooltip(new Tooltip(Messages.of("scrubber.speed")));
        slider.setId("scrubber");
        slider.setAccessibleText(Messages.of("scrubber.step"));
        slider.setBlockIncrement(1);
        slider.setMajorTickUnit(1);
        slider.setMinorTickCount(0);
        HBox.setHgrow(slider, Priority.ALWAYS);
        label.setMinWidth(130);
        label.setId("step");
        getChildren().addAll(play, speed, slider, label);
        slider.valueProperty().subscribe(v -> film.cursor().set((int) Math.round(v.doubleValue())));
        film.cursor().subscribe(this::show);
        film.frames().subscribe(this::show);
    }

    private void show() {
        slider.setMax(film.lastColumn());
        slider.setDisable(film.lastColumn() == 0);
        slider.setValue(film.cursor().get());
        var column = film.column();
        label.setText(
                column == null
                        ? Messages.of("scrubber.nothing")
                        : Messages.of(
                                "scrubber.at", column.step() + 1, film.history().steps()));
    }

    /** Plays from here, or from the beginning when at the end; or stops. */
    void toggle() {
        playing.set(!playing.get());
        if (playing.get()) {
            if (film.cursor().get() == film.lastColumn()) {
                film.cursor().set(0);
            }
            timer.start();
        } else {
            timer.stop();
        }
    }

    private void play(long now) {
        long pause = 400_000_000L / (1L << speed.getSelectionModel().getSelectedIndex());
        if (now - lastMove < pause) {
            return;
        }
        lastMove = now;
        if (film.cursor().get() < film.lastColumn()) {
            film.cursor().set(film.cursor().get() + 1);
        } else {
            toggle();
        }
    }
}
