// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.gallery.Entry;
import dev.tiller.viewer.Messages;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.Tooltip;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.shape.SVGPath;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** A run as a row of the gallery: its picture, its words, its star. */
final class GalleryCell extends ListCell<Entry> {
    static final double HEIGHT = 92;
    private static final double PICTURE = 72;
    private static final String STAR =
            "M12 2L15.09 8.26L22 9.27L17 14.14L18.18 21.02L12 17.77L5.82 21.02L7 14.14L2" + " 9.27L8.91 8.26L12 2Z";

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofLocalizedDateTime(
                    FormatStyle.MEDIUM, FormatStyle.SHORT)
            .withZone(ZoneId.systemDefault());

    private final Function<Entry, @Nullable Image> pictures;
    private final ImageView picture = new ImageView();
    private final Label prompt = new Label();
    private final Label details = new Label();
    private final Label note = new Label();
    private final Label byHand = new Label(Messages.of("gallery.hand"), new FontIcon(Feather.USER_CHECK));
    private final SVGPath star = new SVGPath();
    private final Button mark = new Button();
    private final HBox row;

    /**
     * @param pictures the thumbnail of a run, which may still be loading
     * @param marked hears that the star was clicked
     */
    GalleryCell(Function<Entry, @Nullable Image> pictures, Consumer<Entry> marked) {
        this.pictures = pictures;
        picture.setFitWidth(PICTURE);
        picture.setFitHeight(PICTURE);
        picture.setPreserveRatio(true);
        var frame = new StackPane(picture);
        frame.getStyleClass().add("thumbnail");
        frame.setMinSize(PICTURE, PICTURE);
        frame.setMaxSize(PICTURE, PICTURE);
        prompt.getStyleClass().add("row-title");
        details.getStyleClass().add("row-details");
        note.getStyleClass().add("row-note");
        note.managedProperty().bind(note.textProperty().isNotEmpty());
        byHand.getStyleClass().add("steered");
        byHand.setTooltip(new Tooltip(Messages.of("run.hand.tip")));
        byHand.managedProperty().bind(byHand.visibleProperty());
        byHand.setMinWidth(USE_PREF_SIZE);
        star.setContent(STAR);
        star.getStyleClass().add("star");
        mark.setGraphic(star);
        mark.getStyleClass().addAll(Styles.FLAT, Styles.BUTTON_ICON, "mark");
        // The list has a key for it; a stop at every row would be in the way.
        mark.setFocusTraversable(false);
        mark.setOnAction(e -> {
            if (getItem() != null) {
                marked.accept(getItem());
            }
        });
        var words = new VBox(3, prompt, details, note);
        words.setAlignment(Pos.CENTER_LEFT);
        words.setMinWidth(0);
        HBox.setHgrow(words, Priority.ALWAYS);
        row = new HBox(14, frame, words, byHand, mark);
        row.setAlignment(Pos.CENTER_LEFT);
        // The row is as wide as the list, and long prompts end in dots.
        setPrefWidth(0);
    }

    @Override
    protected void updateItem(@Nullable Entry entry, boolean empty) {
        super.updateItem(entry, empty);
        if (empty || entry == null) {
            setGraphic(null);
            setAccessibleText(null);
            picture.setImage(null);
            return;
        }
        prompt.setText(
                entry.prompt().isBlank()
                        ? Messages.of("gallery.unnamed")
                        : entry.prompt().replaceAll("\\s+", " "));
        details.setText(details(entry));
        note.setText(entry.note());
        byHand.setVisible(entry.byHand());
        star.getStyleClass().remove("starred");
        if (entry.starred()) {
            star.getStyleClass().add("starred");
        }
        var starWords = Messages.of(entry.starred() ? "gallery.starred" : "gallery.unstarred");
        mark.setAccessibleText(Messages.of(entry.starred() ? "gallery.unstar" : "gallery.star"));
        picture.setImage(pictures.apply(entry));
        setAccessibleText(prompt.getText() + ". " + details.getText() + ". " + starWords + " "
                + (entry.byHand() ? byHand.getText() + ". " : "") + entry.note());
        setGraphic(row);
    }

    /** Method, model and reward, how well, when, and how it ended if not well. */
    static String details(Entry entry) {
        var parts = new ArrayList<String>();
        parts.add(entry.method());
        if (!entry.reward().isEmpty()) {
            parts.add(entry.reward());
        }
        if (Double.isFinite(entry.best())) {
            parts.add(Messages.of("gallery.best", dev.tiller.viewer.GridPlot.number(entry.best())));
        }
        parts.add(entry.model());
        parts.add(DATE.format(entry.date()));
        switch (entry.state()) {
            case COMPLETED -> {}
            case STOPPED -> parts.add(Messages.of("gallery.stopped"));
            case FAILED -> parts.add(Messages.of("gallery.failed"));
            case UNFINISHED -> parts.add(Messages.of("gallery.unfinished"));
        }
        parts.removeIf(String::isBlank);
        return String.join("  ·  ", parts);
    }
}
