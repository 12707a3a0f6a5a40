// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import atlantafx.base.theme.Styles;
import dev.tiller.record.EventLog;
import dev.tiller.record.PictureSettings;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.GridPlot;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.RunExport.Subject;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.window.Orders.Order;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.css.PseudoClass;
import javafx.scene.Scene;
import javafx.scene.control.Label;
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
    /** A banner that says something and warns of nothing. */
    private static final PseudoClass CALM = PseudoClass.getPseudoClass("calm");

    private final BorderPane root = new BorderPane();
    private final Studio studio;
    private final ComposePane compose;
    private final Label status = new Label();
    private final Label banner = new Label();
    private RunPane run = new RunPane(sha -> java.util.Optional.empty());
    private final Settings settings = Settings.load();
    private final Overlay overlay = new Overlay();
    private final Exporting exporting = new Exporting(this::say);
    private @Nullable CommandPalette palette;
    private @Nullable ShortcutsSheet shortcuts;
    private Palette colours = Palette.LIGHT;
    private boolean isDark;
    private Studio.@Nullable Job job;
    /** The run that goes on and its folder, whatever else is looked at meanwhile. */
    private @Nullable RunPane live;

    private @Nullable Path liveFolder;
    private boolean waiting;
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
    private boolean stopped;
    /** How often a record was asked for; counted on the window's thread. */
    private long opened;

    private final RunBar runBar;
    private final HandSteering hand = new HandSteering(new HandSteering.Place() {
        @Override
        public Studio.@Nullable Job job() {
            return job;
        }

        @Override
        public @Nullable RunPane live() {
            return live;
        }

        @Override
        public RunPane shown() {
            return run;
        }

        @Override
        public boolean waits() {
            return waiting;
        }

        @Override
        public void ordered(List<Order> orders) {
            runBar.ordered(orders);
        }

        @Override
        public void weigh(Map<String, Double> weights) {
            compose.weigh(weights);
        }

        @Override
        public void say(String sentence, boolean alarm) {
            TillerWindow.this.say(sentence, alarm);
        }

        @Override
        public void offerBranch(String sentence) {
            TillerWindow.this.say(sentence, true);
            banner.pseudoClassStateChanged(CALM, true);
            focus("branch");
        }

        @Override
        public void branch() {
            TillerWindow.this.branch();
        }
    });

    public TillerWindow(Studio studio) {
        this.studio = studio;
        compose = new ComposePane(studio, new ComposePane.Actions() {
            @Override
            public void start(Map<String, String> settings) {
                TillerWindow.this.start(settings);
            }

            @Override
            public void pause() {
                TillerWindow.this.pause();
            }

            @Override
            public void stop() {
                TillerWindow.this.stop();
            }

            @Override
            public void reweigh(Map<String, Double> before, Map<String, Double> now) {
                hand.reweigh(before, now);
            }
        });
        runBar = new RunBar(compose.running(), this::open, this::resume, this::branch);
        banner.setId("banner");
        banner.getStyleClass().add("banner");
        banner.setWrapText(true);
        banner.setMaxWidth(Double.MAX_VALUE);
        banner.setVisible(false);
        banner.managedProperty().bind(banner.visibleProperty());
        status.setId("status");
        status.setText(Messages.of("status.ready"));
        var left = new ScrollPane(compose);
        left.setFitToWidth(true);
        left.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        var side = new BorderPane(left);
        side.setBottom(compose.foot());
        side.setPrefWidth(300);
        side.setMinWidth(260);
        root.setLeft(side);
        root.setTop(new VBox(bar, banner, runBar));
        var foot = new HBox(status);
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
                TillerWindow.this.say(sentence, alarm);
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
        settings.remark().ifPresent(status::setText);
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
                .add("pause", "Shortcut+P", this::pause)
                .add("stop", "Shortcut+Period", this::stop)
                .add("undo", "Shortcut+Z", () -> hand.undo(runBar::goBack))
                .add("redo", "Shortcut+Shift+Z", () -> hand.redo(runBar::goForward))
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
        var going = live;
        if (going != null && folder.normalize().equals(liveFolder)) {
            opened++;
            turnTo(going);
            runBar.shows(folder.normalize(), false);
            runBar.steered(going.film().history().interventions().byHand());
            say(Messages.of(waiting ? "status.waiting" : "status.running"), false);
            return;
        }
        if (!Files.isRegularFile(log)) {
            say(Messages.of("open.none", path), true);
            return;
        }
        say(Messages.of("status.opening", folder, 0), false);
        long turn = ++opened;
        var thread = new Thread(() -> read(log, folder, turn), "open");
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads a record beside the window's thread; whoever asks for another before it is read gets that one. */
    private void read(Path log, Path folder, long turn) {
        try {
            var history = new RunHistory();
            var replay = EventLog.replay(log, event -> {
                history.on(event);
                if (event instanceof RunEvent.StepDone done) {
                    progress(folder, turn, done.step(), history.steps());
                }
            });
            var film = new Film(sha -> RunFolder.pictureIn(folder, sha), history).ready();
            onTurn(turn, () -> {
                show(new RunPane(film));
                var outcome = history.outcome();
                runBar.shows(
                        folder.normalize(), outcome.isEmpty() || outcome.get() instanceof RunEvent.Outcome.Cancelled);
                runBar.steered(history.interventions().byHand());
                say(Messages.of(replay.ended() ? "status.replay" : "status.unended", folder), false);
            });
        } catch (TillerException e) {
            onTurn(turn, () -> say(String.valueOf(e.getMessage()), true));
        }
    }

    /** Every tenth of the run. */
    private void progress(Path folder, long turn, int step, int steps) {
        int tenth = 10 * (step + 1) / steps;
        if (tenth > 10 * step / steps) {
            onTurn(turn, () -> status.setText(Messages.of("status.opening", folder, 10 * tenth)));
        }
    }

    private void onTurn(long turn, Runnable work) {
        Platform.runLater(() -> {
            if (turn == opened) {
                work.run();
            }
        });
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
            say(dropped.sentence(), true);
            banner.pseudoClassStateChanged(CALM, true);
        } catch (TillerException e) {
            say(String.valueOf(e.getMessage()), true);
        }
    }

    /** Stops a run that goes on, and returns when what there is of it is written. */
    public void finish() {
        var current = job;
        if (current != null) {
            stopped = true;
            hand.release();
            current.stop();
            current.join();
        }
        if (gallery != null) {
            gallery.close();
        }
    }

    /** Shows a run that was not shown before. */
    private void show(RunPane pane) {
        turnTo(pane);
        new HandMenu(pane.particles(), pane.film(), hand);
        pane.comparing()
                .onPreferred((better, worse) ->
                        studio.prefer(better, worse, told -> Platform.runLater(() -> say(told, false))));
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
                            say(Messages.of("status.taste"), false);
                        },
                        () -> say(Messages.of("status.tasteless"), false));
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
            say(Messages.of("branch.none"), true);
            return;
        }
        try {
            int slot = run.film().slot().get();
            var here = Path.of("").toAbsolutePath();
            // A manifest should not name this machine's folders where it need not.
            var parent = folder.startsWith(here) ? here.relativize(folder) : folder;
            compose.branch(parent, studio.settings(folder), column.step(), slot < column.rewards().length ? slot : -1);
        } catch (TillerException e) {
            say(String.valueOf(e.getMessage()), true);
        }
    }

    private void resume(Path folder) {
        try {
            compose.take(studio.settings(folder));
        } catch (TillerException e) {
            say(String.valueOf(e.getMessage()), true);
            return;
        }
        begin(watcher -> studio.resume(folder, watcher));
    }

    private void say(String sentence, boolean alarm) {
        if (!alarm) {
            status.setText(sentence);
        }
        banner.pseudoClassStateChanged(CALM, false);
        banner.setText(sentence);
        banner.setVisible(alarm);
    }

    private void start(Map<String, String> settings) {
        begin(watcher -> studio.start(settings, watcher));
    }

    private void begin(Function<Studio.Watcher, Studio.Job> work) {
        compose.running().set(true);
        opened++;
        waiting = false;
        stopped = false;
        compose.paused(false);
        say(Messages.of("status.loading"), false);
        job = work.apply(new Watching());
    }

    private void pause() {
        var current = job;
        if (current != null) {
            if (waiting) {
                hand.release();
            }
            waiting = !waiting;
            current.pause(waiting);
            compose.paused(waiting);
            status.setText(Messages.of(waiting ? "status.waiting" : "status.running"));
        }
    }

    private void stop() {
        var current = job;
        if (current != null) {
            stopped = true;
            hand.release();
            current.stop();
            status.setText(Messages.of("status.stopping"));
        }
    }

    /** The next of the queue, unless somebody wanted to stop. */
    private void next() {
        if (!stopped) {
            compose.queue().next().ifPresent(this::start);
        }
    }

    /** Brings what a run says to the window. */
    private final class Watching implements Studio.Watcher {
        private @Nullable Feed feed;

        @Override
        public void began(Path folder, Pictures pictures) {
            var pane = new RunPane(pictures);
            // The feed's timer belongs to the JavaFX thread, and must be there before the first event.
            onWindow(() -> {
                show(pane);
                live = pane;
                liveFolder = folder.toAbsolutePath().normalize();
                runBar.shows(folder.toAbsolutePath().normalize(), false);
                feed = new Feed(events -> received(pane, events));
                say(Messages.of("status.running"), false);
            });
        }

        private void received(RunPane pane, List<RunEvent> events) {
            pane.film().take(events);
            hand.dropLate(pane);
            var history = pane.film().history();
            int done = history.ess().size();
            if (run == pane) {
                runBar.steered(history.interventions().byHand());
            }
            if (!waiting && done > 0) {
                status.setText(
                        Messages.of("status.step", done, history.steps(), GridPlot.number(history.bestReward())));
            }
        }

        @Override
        public void on(RunEvent event) {
            Objects.requireNonNull(feed).on(event);
        }

        @Override
        public void refused(String sentence) {
            Platform.runLater(() -> say(sentence, true));
        }

        @Override
        public void ended(boolean completed) {
            Platform.runLater(() -> {
                var folder = liveFolder;
                over(Messages.of(completed ? "status.done" : "status.stopped"), false);
                if (folder != null && folder.equals(runBar.folder())) {
                    boolean byHand = run.film().history().interventions().byHand();
                    runBar.shows(folder, !completed);
                    runBar.steered(byHand);
                }
                next();
            });
        }

        @Override
        public void failed(String sentence) {
            Platform.runLater(() -> {
                over(sentence, true);
                next();
            });
        }

        private void over(String sentence, boolean alarm) {
            if (feed != null) {
                feed.close();
            }
            hand.forget();
            job = null;
            live = null;
            liveFolder = null;
            compose.running().set(false);
            say(sentence, alarm);
            if (galleryButton.isSelected() && gallery != null) {
                gallery.refresh();
            }
        }

        private void onWindow(Runnable work) {
            var done = new java.util.concurrent.CountDownLatch(1);
            Platform.runLater(() -> {
                try {
                    work.run();
                } finally {
                    done.countDown();
                }
            });
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
