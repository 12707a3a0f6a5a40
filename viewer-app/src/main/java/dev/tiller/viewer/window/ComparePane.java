// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.gallery.Entry;
import dev.tiller.gallery.RunComparison.Difference;
import dev.tiller.viewer.Messages;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Two runs side by side: what came of them, and the settings in which they differ. */
final class ComparePane extends BorderPane {
    private static final double PICTURE = 288;

    ComparePane(Entry left, Entry right, List<Difference> differences, Runnable back) {
        setId("compare-pane");
        getStyleClass().add("gallery");
        var leave = new Button(Messages.of("compare.back"), new FontIcon(Feather.ARROW_LEFT));
        leave.setId("compare-back");
        leave.setCancelButton(true);
        leave.getStyleClass().add(Styles.FLAT);
        leave.setOnAction(e -> back.run());
        var title = new Label(Messages.of("compare.title"));
        title.getStyleClass().add("row-title");
        var bar = new HBox(10, leave, title);
        bar.getStyleClass().add("gallery-bar");
        setTop(bar);
        var grid = new GridPane();
        grid.getStyleClass().add("compare-grid");
        grid.getColumnConstraints().addAll(column(18), column(41), column(41));
        grid.addRow(0, words(""), shown(left), shown(right));
        var heading = words(Messages.of(differences.isEmpty() ? "compare.same" : "compare.differences"));
        heading.getStyleClass().add("row-title");
        grid.add(heading, 0, 1, 3, 1);
        for (int i = 0; i < differences.size(); i++) {
            var difference = differences.get(i);
            var name = words(difference.name());
            name.getStyleClass().add("row-details");
            grid.addRow(2 + i, name, value(difference.left()), value(difference.right()));
        }
        var scroll = new ScrollPane(grid);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        setCenter(scroll);
    }

    private static ColumnConstraints column(double percent) {
        var column = new ColumnConstraints();
        column.setPercentWidth(percent);
        column.setHgrow(Priority.ALWAYS);
        return column;
    }

    private static Label words(String text) {
        var label = new Label(text);
        label.setWrapText(true);
        return label;
    }

    private static Label value(String text) {
        var label = words(text.isEmpty() ? Messages.of("compare.none") : text);
        label.getStyleClass().add("value");
        return label;
    }

    private static VBox shown(Entry entry) {
        var frame = new StackPane();
        frame.getStyleClass().add("thumbnail");
        frame.setMinSize(PICTURE, PICTURE);
        frame.setMaxSize(PICTURE, PICTURE);
        if (entry.picture().isPresent()) {
            var view = new ImageView(new Image(entry.picture().get().toUri().toString(), true));
            view.setFitWidth(PICTURE);
            view.setFitHeight(PICTURE);
            view.setPreserveRatio(true);
            view.setSmooth(true);
            view.setAccessibleText(Messages.of("compare.picture", entry.prompt()));
            frame.getChildren().add(view);
        } else {
            frame.getChildren().add(words(Messages.of("gallery.no-picture")));
        }
        var prompt = words(entry.prompt());
        prompt.getStyleClass().add("row-title");
        var details = words(GalleryCell.details(entry));
        details.getStyleClass().add("row-details");
        var box = new VBox(6, frame, prompt, details);
        box.setAlignment(Pos.TOP_LEFT);
        return box;
    }
}
