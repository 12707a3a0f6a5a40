// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import atlantafx.base.theme.Styles;
import dev.tiller.record.PictureSettings;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import dev.tiller.viewer.RunExport.Subject;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.input.DragEvent;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import javafx.stage.Stage;
import javafx.stage.WindowEvent;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The window: what to make on the left, the run in the middle, one line that says how things stand. */
public final class TillerWindow {
    private final BorderPane root = new BorderPane();
    private final Studio studio;
    private final ComposePane compose;
    private final Notices notices = new Notices();
    private final RunBar runBar;
    private final Records records;
    private final LiveRun live;
    private RunPane run = new RunPane(sha -> Optional.empty());
    private final Settings settings = Settings.load();
    private final Overlay overlay = new Overlay();
    private final Exporting exporting = new Exporting(notices::say);
    private @Nullable CommandPalette palette;
    private @Nullable ShortcutsSheet shortcuts;
    private Palette colours = Palette.LIGHT;
    private boolean isDark;
    private final Toolbar bar = new Toolbar(new Toolbar.Actions() {
        @Override
        public void open() {
            choose();
        }

        @Override
        public void export(Subject subject) {
            TillerWindow.this.export(subject);
        }

        @Override
        public void commands() {
            Objects.requireNonNull(palette).open();
        }

        @Override
        public void theme() {
            turnTheme();
        }
    });
    private final ToggleButton galleryButton = new ToggleButton(Messages.of("gallery"), new FontIcon(Feather.GRID));
    private @Nullable GalleryPane gallery;

    public TillerWindow(Studio studio) {
        this.studio = studio;
        compose = new ComposePane(studio, new ComposePane.Actions() {
            @Override
            public void start(Map<String, String> settings) {
                live.start(settings);
            }

            @Override
            public void pause() {
                live.pause();
            }

            @Override
            public void stop() {
                live.stop();
            }

            @Override
            public void reweigh(Map<String, Double> before, Map<String, Double> now) {
                live.hand().reweigh(before, now);
            }
        });
        runBar = new RunBar(compose.running(), this::open, this::resume, this::branch);
        records = new Records(notices, runBar, this::show);
        live = new LiveRun(studio, compose, runBar, notices, new LiveRun.Place() {
            @Override
            public void begins() {
                records.forgo();
            }

            @Override
            public void show(RunPane pane) {
                TillerWindow.this.show(pane);
            }

            @Override
            public RunPane shown() {
                return run;
            }

            @Override
            public void branch() {
                TillerWindow.this.branch();
            }

            @Override
            public void offerBranch() {
                focus("branch");
            }

            @Override
            public void over() {
                if (galleryButton.isSelected() && gallery != null) {
                    gallery.refresh();
                }
            }
        });
        var left = new ScrollPane(compose);
        left.setFitToWidth(true);
        left.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        var side = new BorderPane(left);
        side.setBottom(compose.foot());
        side.setPrefWidth(300);
        side.setMinWidth(260);
        root.setLeft(side);
        root.setTop(new VBox(bar, notices.banner(), runBar));
        var foot = new HBox(notices.line());
        foot.getStyleClass().add("foot");
        root.setBottom(foot);
        run.recall(settings);
        root.setCenter(run);
        root.addEventHandler(DragEvent.DRAG_OVER, e -> {
            if (e.getDragboard().hasFiles()) {
                e.acceptTransferModes(TransferMode.COPY);
                e.consume();
            }
        });
        root.addEventHandler(DragEvent.DRAG_DROPPED, e -> {
            var files = e.getDragboard().getFiles();
            if (files != null && !files.isEmpty()) {
                drop(files.get(0).toPath());
                e.setDropCompleted(true);
                e.consume();
            }
        });
    }

    /** Offers a gallery of the runs that were made. */
    public void addGallery(Shelf shelf) {
        var pane = new GalleryPane(shelf, new GalleryPane.Actions() {
            @Override
            public void open(Path folder) {
                TillerWindow.this.open(folder);
            }

            @Override
            public void say(String sentence, boolean alarm) {
                notices.say(sentence, alarm);
            }
        });
        gallery = pane;
        galleryButton.setId("gallery");
        galleryButton.getStyleClass().add(Styles.FLAT);
        galleryButton.setTooltip(new Tooltip(Messages.of("gallery.tip")));
        galleryButton.selectedProperty().subscribe(chosen -> {
            boolean leaves = root.getCenter() == pane && !chosen;
            root.setCenter(chosen ? pane : run);
            if (chosen) {
                pane.refresh();
                // When it has its place.
                Platform.runLater(pane::takeKeys);
            } else if (leaves) {
                Platform.runLater(() -> run.particles().requestFocus());
            }
        });
        bar.lead(galleryButton);
    }

    /**
     * Shows what was found on this machine, above all else, until the user puts it away.
     *
     * @param findings asked on a thread of its own
     * @param seen when it was put away
     */
    public void showDoctor(Supplier<String> findings, Runnable seen) {
        var top = (VBox) root.getTop();
        top.getChildren().add(new DoctorPanel(findings, () -> {
            top.getChildren().removeIf(DoctorPanel.class::isInstance);
            seen.run();
        }));
    }

    /** Puts the window on a stage, as it was when it was last closed. */
    public void show(Stage stage) {
        var scene = new Scene(
                new StackPane(root, overlay),
                settings.number("width", 960, 8192, 1280),
                settings.number("height", 600, 8192, 800));
        scene.getStylesheets()
                .add(Objects.requireNonNull(TillerWindow.class.getResource("window.css"))
                        .toExternalForm());
        var known = commands(scene);
        palette = new CommandPalette(known, overlay);
        shortcuts = new ShortcutsSheet(known, overlay);
        known.install();
        stage.setTitle("Tiller");
        stage.setMinWidth(960);
        stage.setMinHeight(600);
        stage.setScene(scene);
        dark(Theme.of(settings.text("theme")).dark());
        settings.remark().ifPresent(notices::note);
        stage.addEventHandler(WindowEvent.WINDOW_HIDDEN, e -> remember(scene));
        stage.show();
    }

    private void remember(Scene scene) {
        settings.put("width", scene.getWidth());
        settings.put("height", scene.getHeight());
        run.remember(settings);
        settings.save();
    }

    private Commands commands(Scene scene) {
        var known = new Commands(settings, scene);
        known.add("palette", "Shortcut+K", () -> Objects.requireNonNull(palette).open())
                .add("shortcuts", "F1", () -> Objects.requireNonNull(shortcuts).open())
                .add("open", "Shortcut+O", this::choose)
                .add("prompt", "Shortcut+L", () -> focus("prompt"))
                .add("pause", "Shortcut+P", live::pause)
                .add("stop", "Shortcut+Period", live::stop)
                .add("undo", "Shortcut+Z", () -> live.hand().undo(runBar::goBack))
                .add("redo", "Shortcut+Shift+Z", () -> live.hand().redo(runBar::goForward))
                .add("play", "Shortcut+Space", () -> run.scrubber().toggle())
                .add("back", "Alt+Left", () -> run.film().move(-1))
                .add("forward", "Alt+Right", () -> run.film().move(1))
                .add("particles", "Shortcut+1", () -> focus("particles-view"))
                .add("curves", "Shortcut+2", () -> focus("curves-view"))
                .add("lineage", "Shortcut+3", () -> run.lineage().focusOn(false))
                .add("trajectories", "Shortcut+4", () -> run.lineage().focusOn(true))
                .add("export-curves", "Shortcut+E", () -> export(Subject.CURVES))
                .add("export-lineage", "", () -> export(Subject.LINEAGE))
                .add("export-trajectories", "", () -> export(Subject.TRAJECTORIES))
                .add("export-film", "", () -> export(Subject.FILM))
                .add("taste", "", this::steerByTaste)
                .add("gallery", "Shortcut+G", this::turnGallery)
                .add("theme", "Shortcut+D", this::turnTheme)
                .add("theme-system", "", () -> theme(Theme.SYSTEM));
        // Those who come from editors look for it here.
        scene.getAccelerators()
                .put(
                        KeyCombination.valueOf("Shortcut+Shift+P"),
                        () -> Objects.requireNonNull(palette).open());
        return known;
    }

    private void turnGallery() {
        if (gallery != null) {
            galleryButton.fire();
        }
    }

    private void focus(String id) {
        var node = root.lookup("#" + id);
        if (node != null) {
            node.requestFocus();
        }
    }

    private void export(Subject subject) {
        exporting.ask(subject, run.film(), colours, root.getScene().getWindow());
    }

    private void turnTheme() {
        theme(isDark ? Theme.LIGHT : Theme.DARK);
    }

    private void theme(Theme theme) {
        settings.put("theme", theme.name().toLowerCase(Locale.ROOT));
        settings.save();
        dark(theme.dark());
    }

    /** The dark theme, or the light one. */
    public void dark(boolean on) {
        isDark = on;
        colours = on ? Palette.DARK : Palette.LIGHT;
        Application.setUserAgentStylesheet(
                on ? new PrimerDark().getUserAgentStylesheet() : new PrimerLight().getUserAgentStylesheet());
        run.setPalette(colours);
    }

    private void choose() {
        var chooser = new DirectoryChooser();
        chooser.setTitle(Messages.of("open.tip"));
        var runs = new File("runs");
        if (runs.isDirectory()) {
            chooser.setInitialDirectory(runs.getAbsoluteFile());
        }
        var chosen = chooser.showDialog(root.getScene().getWindow());
        if (chosen != null) {
            open(chosen.toPath());
        }
    }

    /** Shows a recorded run, as soon as it is read: its folder, or its {@code events.jsonl}. */
    public void open(Path path) {
        var log = Files.isDirectory(path) ? path.resolve("events.jsonl") : path;
        var folder = log.toAbsolutePath().resolveSibling("");
        var going = live.in(folder.normalize());
        if (going.isPresent()) {
            records.forgo();
            turnTo(going.get());
            runBar.shows(folder.normalize(), false);
            runBar.steered(going.get().film().history().interventions().byHand());
            notices.say(live.state(), false);
        } else if (Files.isRegularFile(log)) {
            records.open(log, folder);
        } else {
            notices.say(Messages.of("open.none", path), true);
        }
    }

    /** Shows what was dropped: a recorded run, or a picture's settings, which are shown in the compose pane and not begun. */
    void drop(Path path) {
        if (!path.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            open(path);
            return;
        }
        try {
            var dropped = PictureDrop.of(PictureSettings.read(path), studio);
            compose.take(dropped.settings());
            notices.advise(dropped.sentence());
        } catch (TillerException e) {
            notices.say(String.valueOf(e.getMessage()), true);
        }
    }

    /** Stops a run that goes on, and returns when what there is of it is written. */
    public void finish() {
        live.finish();
        if (gallery != null) {
            gallery.close();
        }
    }

    /** Shows a run that was not shown before. */
    private void show(RunPane pane) {
        turnTo(pane);
        new HandMenu(pane.particles(), pane.film(), live.hand());
        pane.comparing()
                .onPreferred((better, worse) ->
                        studio.prefer(better, worse, told -> Platform.runLater(() -> notices.say(told, false))));
    }

    private void turnTo(RunPane pane) {
        run.remember(settings);
        run = pane;
        pane.recall(settings);
        pane.setPalette(colours);
        galleryButton.setSelected(false);
        root.setCenter(pane);
        runBar.ordered(pane.film().orders().get());
    }

    /** The reward is the taste that was taught by preferring pictures. */
    private void steerByTaste() {
        studio.taste()
                .ifPresentOrElse(
                        reward -> {
                            compose.steerBy(reward);
                            notices.say(Messages.of("status.taste"), false);
                        },
                        () -> notices.say(Messages.of("status.tasteless"), false));
    }

    /** What is shown. */
    public Film film() {
        return run.film();
    }

    /** Composes a branch at the step under the cursor, from the particle that is chosen. */
    private void branch() {
        var folder = runBar.folder();
        var column = run.film().column();
        if (folder == null || column == null) {
            notices.say(Messages.of("branch.none"), true);
            return;
        }
        try {
            int slot = run.film().slot().get();
            var here = Path.of("").toAbsolutePath();
            // A manifest should not name this machine's folders where it need not.
            var parent = folder.startsWith(here) ? here.relativize(folder) : folder;
            compose.branch(parent, studio.settings(folder), column.step(), slot < column.rewards().length ? slot : -1);
        } catch (TillerException e) {
            notices.say(String.valueOf(e.getMessage()), true);
        }
    }

    private void resume(Path folder) {
        live.resume(folder);
    }
}
