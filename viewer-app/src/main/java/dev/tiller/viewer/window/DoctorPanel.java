// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.TextArea;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** What was found on this machine, shown once, at the first start, until it is put away. */
final class DoctorPanel extends VBox {
    /**
     * @param findings what {@code tiller doctor} says; asked on a thread of its own
     * @param done when the user has seen it
     */
    DoctorPanel(Supplier<String> findings, Runnable done) {
        super(8);
        setId("doctor-panel");
        getStyleClass().add("doctor");
        var title = new Label(Messages.of("doctor.title"));
        title.getStyleClass().add("row-title");
        var text = new TextArea(Messages.of("doctor.looking"));
        text.setId("doctor-text");
        text.setAccessibleText(Messages.of("doctor.title"));
        text.setEditable(false);
        text.setWrapText(true);
        text.setPrefRowCount(9);
        var close = new Button(Messages.of("doctor.close"));
        close.setId("doctor-close");
        close.getStyleClass().add(Styles.SMALL);
        close.setDisable(true);
        close.setOnAction(e -> done.run());
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        var head = new HBox(10, title, space, close);
        head.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(head, text);
        var looking = new Thread(
                () -> {
                    var found = findings.get();
                    Platform.runLater(() -> {
                        text.setText(found.strip());
                        close.setDisable(false);
                    });
                },
                "doctor");
        looking.setDaemon(true);
        looking.start();
    }
}
