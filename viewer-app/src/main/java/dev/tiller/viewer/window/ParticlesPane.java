// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.Palette;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The particles: all side by side, or one enlarged, or two compared. */
final class ParticlesPane extends BorderPane implements ParticlesView.Opener {
    private final Film film;
    private final ParticlesView grid;
    private final LargeView large;
    private final HBox header = new HBox(6);
    private final Label title = new Label(Messages.of("view.particles"));
    private final Button back = new Button(Messages.of("large.back"), new FontIcon(Feather.ARROW_LEFT));
    private final Button compare = new Button(Messages.of("large.compare"), new FontIcon(Feather.COLUMNS));
    private final HBox modes = new HBox();
    private final HBox preferences = new HBox();
    private final Button left = new Button();
    private final Button right = new Button();
    private BiConsumer<byte[], byte[]> preferred = (better, worse) -> {};
    private final ToggleButton noisy = new ToggleButton(Messages.of("particles.noisy"));

    ParticlesPane(Film film, Thumbnails thumbnails) {
        this.film = film;
        grid = new ParticlesView(film, thumbnails, this);
        grid.setId("particles-view");
        large = new LargeView(film, thumbnails);
        large.setId("large-view");
        large.setAccessibleText(Messages.of("large.read"));
        title.getStyleClass().add("view-title");
        title.setLabelFor(grid);
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        button(back, "large-back", "large.back.tip", this::close);
        back.setMinWidth(USE_PREF_SIZE);
        button(compare, "compare", "large.compare.tip", this::pin);
        modes();
        noisy.setId("noisy");
        noisy.getStyleClass().addAll(Styles.SMALL, "view-choice");
        noisy.setMinWidth(USE_PREF_SIZE);
        noisy.setTooltip(new Tooltip(Messages.of("particles.noisy.tip")));
        noisy.selectedProperty().bindBidirectional(film.noisy());
        film.noisy().subscribe(this::entitle);
        film.frames().subscribe(this::entitle);
        header.setAlignment(Pos.CENTER_LEFT);
        header.getStyleClass().add("view-header");
        button(left, "prefer-left", "large.prefer.tip", () -> prefer(true));
        button(right, "prefer-right", "large.prefer.tip", () -> prefer(false));
        var between = new Region();
        HBox.setHgrow(between, Priority.ALWAYS);
        preferences.getChildren().addAll(left, between, right);
        header.getChildren().addAll(title, back, space, compare, modes, noisy);
        large.other().subscribe(this::arrange);
        film.slot().subscribe(this::arrange);
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
        setTop(header);
        turnTo(grid);
    }

    private void entitle() {
        title.setText(Messages.of(
                !film.noisy().get()
                        ? "view.particles"
                        : !film.begun() || film.history().hasNoisyPictures() || film.column() == null
                                ? "view.particles.noisy"
                                : "view.particles.noiseless"));
    }

    /** All side by side. */
    ParticlesView grid() {
        return grid;
    }

    private static void button(Button button, String id, String tip, Runnable action) {
        button.setId(id);
        button.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
        button.setTooltip(new Tooltip(Messages.of(tip)));
        button.setOnAction(e -> action.run());
    }

    private void modes() {
        var group = new ToggleGroup();
        for (var mode : LargeView.Mode.values()) {
            var name = mode.name().toLowerCase(Locale.ROOT);
            var toggle = new ToggleButton(Messages.of("large." + name));
            toggle.setId(name);
            toggle.setToggleGroup(group);
            toggle.getStyleClass().addAll(Styles.SMALL, pill(mode), "view-choice");
            toggle.setTooltip(new Tooltip(Messages.of("large." + name + ".tip")));
            toggle.setOnAction(e -> {
                large.mode().set(mode);
                large.requestFocus();
            });
            large.mode().subscribe(now -> toggle.setSelected(now == mode));
            modes.getChildren().add(toggle);
        }
    }

    private static String pill(LargeView.Mode mode) {
        return switch (mode) {
            case SLIDER -> Styles.LEFT_PILL;
            case BLINK -> Styles.CENTER_PILL;
            case DIFFERENCE -> Styles.RIGHT_PILL;
        };
    }

    private void key(KeyEvent e) {
        if (e.getCode() == KeyCode.N && !e.isShortcutDown()) {
            film.noisy().set(!film.noisy().get());
            e.consume();
            return;
        }
        if (getCenter() != large) {
            return;
        }
        switch (e.getCode()) {
            case ESCAPE -> close();
            case C -> pin();
            case S -> large.mode().set(LargeView.Mode.SLIDER);
            case B -> large.mode().set(LargeView.Mode.BLINK);
            case D -> large.mode().set(LargeView.Mode.DIFFERENCE);
            case DIGIT1, NUMPAD1 -> prefer(true);
            case DIGIT2, NUMPAD2 -> prefer(false);
            default -> {
                return;
            }
        }
        e.consume();
    }

    private void arrange() {
        turnTo(getCenter());
    }

    private void turnTo(Node center) {
        boolean enlarged = center == large;
        boolean two = enlarged && large.other().get() >= 0;
        if (getCenter() != center) {
            setCenter(center);
        }
        show(title, !enlarged);
        show(back, enlarged);
        show(compare, enlarged);
        show(modes, two);
        // There is no room for it beside the ways to compare; its key still works.
        show(noisy, !two);
        setBottom(two ? preferences : null);
        left.setText(Messages.of("large.prefer", film.slot().get() + 1));
        right.setText(Messages.of("large.prefer", large.other().get() + 1));
        compare.setText(Messages.of(two ? "large.alone" : "large.compare"));
    }

    private static void show(Node node, boolean on) {
        node.setVisible(on);
        node.setManaged(on);
    }

    @Override
    public void enlarge(int slot) {
        large.other().set(-1);
        film.slot().set(slot);
        turnTo(large);
        large.requestFocus();
    }

    @Override
    public void compare(int slot, int with) {
        enlarge(slot);
        large.other().set(with);
    }

    /** Keeps the chosen one to compare with, and goes to the best of the others; or lets it go again. */
    private void pin() {
        var column = film.column();
        if (column == null) {
            return;
        }
        if (large.other().get() >= 0) {
            large.other().set(-1);
        } else {
            int kept = film.slot().get();
            IntStream.range(0, column.rewards().length)
                    .filter(slot -> slot != kept)
                    .boxed()
                    .max(Comparator.comparingDouble(slot ->
                            Double.isNaN(column.rewards()[slot]) ? Double.NEGATIVE_INFINITY : column.rewards()[slot]))
                    .ifPresent(best -> compare(best, kept));
        }
        large.requestFocus();
    }

    /** Who hears which of two pictures somebody likes better: first the better one's PNG file. */
    void onPreferred(BiConsumer<byte[], byte[]> listener) {
        preferred = listener;
    }

    /** @param left whether the one on the left is liked better, which is the chosen one */
    private void prefer(boolean left) {
        var column = film.column();
        int other = large.other().get();
        if (column == null || other < 0 || other >= column.rewards().length) {
            return;
        }
        var mine = film.picture(column, film.slot().get()).flatMap(film.pictures()::find);
        var theirs = film.picture(column, other).flatMap(film.pictures()::find);
        if (mine.isPresent() && theirs.isPresent()) {
            preferred.accept(left ? mine.get() : theirs.get(), left ? theirs.get() : mine.get());
        }
        large.requestFocus();
    }

    /** Shows all again. */
    void close() {
        large.other().set(-1);
        turnTo(grid);
        grid.requestFocus();
    }

    void setPalette(Palette palette) {
        Stream.of(grid, large).forEach(d -> d.setPalette(palette));
    }
}
