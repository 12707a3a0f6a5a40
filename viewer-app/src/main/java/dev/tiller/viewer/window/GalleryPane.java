// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.gallery.Entry;
import dev.tiller.gallery.Query;
import dev.tiller.gallery.RunComparison;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunMarks;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.ShellWord;
import java.nio.file.Path;
import java.util.List;
import javafx.beans.binding.Bindings;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.SelectionMode;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** All runs that were made: to find one, open it, mark it, compare two, and take one along as a command or a program. */
final class GalleryPane extends StackPane {
    private final Shelf shelf;
    private final Actions actions;
    private final GalleryRuns runs;
    private final GalleryThumbnails thumbnails = new GalleryThumbnails();
    private final BorderPane browse = new BorderPane();
    private final TextField search = new TextField();
    private final ToggleButton starred = new ToggleButton(Messages.of("gallery.only"), new FontIcon(Feather.STAR));
    private final Label count = new Label();
    private final ListView<Entry> list = new ListView<>();
    private final TextField note = new TextField();

    /** What the window does for it. */
    interface Actions {
        /** Shows a recorded run. */
        void open(Path folder);

        void say(String sentence, boolean alarm);
    }

    GalleryPane(Shelf shelf, Actions actions) {
        this.shelf = shelf;
        this.actions = actions;
        this.runs = new GalleryRuns(shelf, this::query, this::show, actions::say);
        setId("gallery-pane");
        browse.getStyleClass().add("gallery");
        browse.setTop(top());
        browse.setCenter(list);
        browse.setBottom(bottom());
        getChildren().add(browse);
        list.setId("gallery-list");
        list.setAccessibleText(Messages.of("gallery.list"));
        list.setFixedCellSize(GalleryCell.HEIGHT);
        list.getSelectionModel().setSelectionMode(SelectionMode.MULTIPLE);
        list.setCellFactory(view -> new GalleryCell(thumbnails::of, this::star));
        list.setOnMouseClicked(e -> {
            if (e.getClickCount() == 2) {
                selectedOne(this::openIt);
            }
        });
        list.addEventFilter(KeyEvent.KEY_PRESSED, e -> {
            if (e.getCode() == KeyCode.ENTER) {
                selectedOne(this::openIt);
                e.consume();
            } else if (e.getCode() == KeyCode.S && !e.isShortcutDown()) {
                selectedOne(this::star);
                e.consume();
            }
        });
        search.addEventFilter(KeyEvent.KEY_PRESSED, e -> {
            if (e.getCode() == KeyCode.DOWN || e.getCode() == KeyCode.ENTER) {
                list.requestFocus();
                e.consume();
            }
        });
        list.focusedProperty().subscribe(focused -> {
            if (focused && list.getSelectionModel().isEmpty()) {
                list.getSelectionModel().selectFirst();
            }
        });
        addEventHandler(KeyEvent.KEY_PRESSED, e -> {
            if (e.getCode() == KeyCode.F5) {
                refresh();
            } else if (e.getCode() == KeyCode.F && e.isShortcutDown()) {
                search.requestFocus();
            }
        });
        list.getSelectionModel().selectedItemProperty().subscribe(chosen -> {
            note.setText(chosen == null ? "" : chosen.note());
        });
    }

    private HBox top() {
        search.setId("gallery-search");
        search.setPromptText(Messages.of("gallery.search"));
        search.setAccessibleText(Messages.of("gallery.search"));
        search.textProperty().subscribe(runs::find);
        HBox.setHgrow(search, Priority.ALWAYS);
        starred.setId("gallery-starred");
        starred.setTooltip(new Tooltip(Messages.of("gallery.only.tip")));
        starred.selectedProperty().subscribe(runs::find);
        count.setId("gallery-count");
        count.getStyleClass().add("row-details");
        count.setMinWidth(70);
        var again = new Button("", new FontIcon(Feather.REFRESH_CW));
        again.setId("gallery-refresh");
        again.getStyleClass().addAll(Styles.FLAT, Styles.BUTTON_ICON);
        again.setAccessibleText(Messages.of("gallery.refresh"));
        again.setTooltip(new Tooltip(Messages.of("gallery.refresh")));
        again.setOnAction(e -> refresh());
        var bar = new HBox(10, search, starred, count, again);
        bar.getStyleClass().add("gallery-bar");
        return bar;
    }

    private HBox bottom() {
        var open = button("open", Feather.EYE, e -> selectedOne(this::openIt));
        open.getStyleClass().add(Styles.ACCENT);
        var compare = button("compare", Feather.COLUMNS, e -> compare());
        var command = button("command", Feather.TERMINAL, e -> selectedOne(this::copyCommand));
        var java = button("java", Feather.CODE, e -> selectedOne(this::copyJava));
        var chosen = list.getSelectionModel().getSelectedItems();
        var notOne = Bindings.size(chosen).isNotEqualTo(1);
        List.of(open, command, java).forEach(b -> b.disableProperty().bind(notOne));
        compare.disableProperty().bind(Bindings.size(chosen).isNotEqualTo(2));
        note.setId("gallery-note");
        note.setPromptText(Messages.of("gallery.note"));
        note.setAccessibleText(Messages.of("gallery.note"));
        note.setTooltip(new Tooltip(Messages.of("gallery.note.tip")));
        note.disableProperty().bind(notOne);
        note.setOnAction(e -> selectedOne(
                run -> runs.mark(run, RunMarks.of(run.starred(), note.getText().strip()))));
        HBox.setHgrow(note, Priority.ALWAYS);
        var bar = new HBox(8, open, compare, command, java, note);
        bar.getStyleClass().add("gallery-foot");
        return bar;
    }

    private static Button button(String key, Feather icon, javafx.event.EventHandler<javafx.event.ActionEvent> action) {
        var button = new Button(Messages.of("gallery." + key), new FontIcon(icon));
        button.setId("gallery-" + key);
        button.setMinWidth(USE_PREF_SIZE);
        button.setTooltip(new Tooltip(Messages.of("gallery." + key + ".tip")));
        button.setOnAction(action);
        return button;
    }

    /** Looks at the folders again, on a thread of its own. */
    void refresh() {
        runs.scan();
    }

    /** Has the arrow keys choose among the runs. */
    void takeKeys() {
        list.requestFocus();
    }

    /** Stops looking, and closes the index. */
    void close() {
        runs.close();
    }

    private Query query() {
        return Query.of(shelf.roots(), search.getText(), starred.isSelected());
    }

    private void show(List<Entry> found) {
        var chosen = list.getSelectionModel().getSelectedItems().stream()
                .map(Entry::folder)
                .toList();
        var typed = note.getText();
        var had = list.getSelectionModel().getSelectedItem();
        boolean unsaved = had != null && chosen.size() == 1 && !typed.equals(had.note());
        boolean typing = note.isFocused();
        int anchor = note.getAnchor();
        int caret = note.getCaretPosition();
        boolean none = search.getText().isBlank() && !starred.isSelected();
        list.setPlaceholder(new Label(Messages.of(none ? "gallery.empty" : "gallery.nothing")));
        list.getItems().setAll(found);
        count.setText(Messages.of("gallery.count", found.size()));
        for (int i = 0; i < found.size() && !chosen.isEmpty(); i++) {
            if (chosen.contains(found.get(i).folder())) {
                list.getSelectionModel().select(i);
            }
        }
        var has = list.getSelectionModel().getSelectedItem();
        if (had != null && has != null && has.folder().equals(had.folder()) && chosen.size() == 1) {
            // Whoever writes a note meanwhile goes on writing.
            if (unsaved) {
                note.setText(typed);
            }
            if (typing) {
                note.requestFocus();
                note.selectRange(anchor, caret);
            }
        }
        if (list.isFocused() && list.getSelectionModel().isEmpty()) {
            list.getSelectionModel().selectFirst();
        }
    }

    private void selectedOne(java.util.function.Consumer<Entry> use) {
        var chosen = list.getSelectionModel().getSelectedItems();
        if (chosen.size() == 1) {
            try {
                use.accept(chosen.get(0));
            } catch (TillerException e) {
                actions.say(String.valueOf(e.getMessage()), true);
            }
        }
    }

    private void openIt(Entry run) {
        actions.open(run.folder());
    }

    private void star(Entry run) {
        runs.mark(run, RunMarks.of(!run.starred(), run.note()));
    }

    /** Of a run that was steered by hand its manifest, which has the decisions too. */
    private void copyCommand(Entry run) {
        var file = run.folder().resolve("manifest.json");
        var manifest = ManifestFile.read(file);
        copy(
                manifest.script().isEmpty()
                        ? shelf.command(manifest.run().plan())
                        : "tiller run --manifest " + ShellWord.quoted(file.toString()),
                Messages.of("gallery.copied"));
    }

    private void copyJava(Entry run) {
        var file = run.folder().resolve("manifest.json");
        var manifest = ManifestFile.read(file);
        copy(
                shelf.java(manifest.run().plan()),
                manifest.script().isEmpty() ? Messages.of("gallery.copied") : Messages.of("gallery.copied.hand", file));
    }

    private void copy(String text, String said) {
        var content = new ClipboardContent();
        content.putString(text);
        Clipboard.getSystemClipboard().setContent(content);
        actions.say(said, false);
    }

    private void compare() {
        var two = List.copyOf(list.getSelectionModel().getSelectedItems());
        if (two.size() == 2) {
            try {
                var differences =
                        RunComparison.of(two.get(0).folder(), two.get(1).folder());
                browse(new ComparePane(two.get(0), two.get(1), differences, () -> {
                    browse(browse);
                    list.requestFocus();
                }));
            } catch (TillerException e) {
                actions.say(String.valueOf(e.getMessage()), true);
            }
        }
    }

    private void browse(Node what) {
        getChildren().setAll(what);
        what.requestFocus();
    }
}
