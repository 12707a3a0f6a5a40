// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.Decision;
import dev.tiller.viewer.Messages;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javafx.scene.Node;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.input.ContextMenuEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/**
 * What can be done with the particle that is chosen: kill, clone or favour it while the run waits, and branch from it. What is
 * decided of a particle of the last judging is carried out on those that descend from it now.
 */
final class HandMenu extends ContextMenu {
    private static final double FAVOUR = 2;

    private final Film film;
    private final Hand hand;

    /** Who carries it out. */
    interface Hand {
        /** Whether the run that is shown goes on and waits. */
        boolean waits();

        /**
         * @param particle slot of the last judging
         * @param step how many steps were made
         */
        void decide(int particle, int step, Decision decision);

        /** Something cannot be, and why. */
        void say(String sentence);

        /** Begins a branch at the chosen particle. */
        void branch();
    }

    HandMenu(Node particles, Film film, Hand hand) {
        this.film = film;
        this.hand = hand;
        item("kill", KeyCode.K, Feather.X_CIRCLE, of -> decide(new Decision.Kill(of)));
        item("clone", KeyCode.D, Feather.COPY, of -> decide(new Decision.Clone(of.get(0))));
        item("favour", KeyCode.F, Feather.HEART, of -> decide(new Decision.Favour(of, FAVOUR)));
        var branch = new MenuItem(Messages.of("hand.branch"), new FontIcon(Feather.GIT_BRANCH));
        branch.setId("hand-branch");
        branch.setOnAction(e -> hand.branch());
        branch.setAccelerator(KeyCombination.valueOf("B"));
        getItems().add(branch);
        particles.addEventHandler(
                ContextMenuEvent.CONTEXT_MENU_REQUESTED, e -> show(particles, e.getScreenX(), e.getScreenY()));
        particles.addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private void item(String key, KeyCode letter, Feather icon, Consumer<List<Integer>> work) {
        var item = new MenuItem(Messages.of("hand." + key), new FontIcon(icon));
        item.setId("hand-" + key);
        item.setAccelerator(KeyCombination.valueOf(letter.getName()));
        item.setOnAction(e -> descendants(work));
        getItems().add(item);
    }

    private void key(KeyEvent e) {
        if (!e.isShortcutDown()) {
            getItems().stream()
                    .filter(item -> item.getAccelerator().match(e))
                    .findFirst()
                    .ifPresent(item -> {
                        item.fire();
                        e.consume();
                    });
        }
    }

    private void descendants(Consumer<List<Integer>> work) {
        var history = film.history();
        int chosen = film.slot().get();
        if (!hand.waits()) {
            hand.say(Messages.of("hand.pause"));
        } else if (chosen < 0
                || film.cursor().get() != film.lastColumn()
                || history.columns().isEmpty()) {
            hand.say(Messages.of("hand.choose"));
        } else {
            var now = IntStream.range(0, history.alive())
                    .filter(slot -> history.inLastColumn(slot) == chosen)
                    .boxed()
                    .toList();
            if (now.isEmpty()) {
                hand.say(Messages.of("hand.gone"));
            } else {
                work.accept(now);
            }
        }
    }

    private void decide(Decision decision) {
        hand.decide(film.slot().get(), film.history().ess().size(), decision);
    }
}
