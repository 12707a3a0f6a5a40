// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.window.Orders.Order;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/**
 * Which run is shown, and what can be done with it. Runs that were shown before can be gone back to, and forward again: that
 * undoes a branch, since its parent is as it was.
 */
final class RunBar extends HBox {
    private final List<Path> visited = new ArrayList<>();
    private int at = -1;
    private final Label name = new Label();
    private final Label steered = new Label(Messages.of("run.hand"), new FontIcon(Feather.USER_CHECK));
    private final Label orders = new Label("", new FontIcon(Feather.CLOCK));
    private final Button back = button("back", Feather.ARROW_LEFT);
    private final Button forward = button("forward", Feather.ARROW_RIGHT);
    private final Button goOn = button("continue", Feather.PLAY_CIRCLE);
    private final Button branch = button("branch", Feather.GIT_BRANCH);
    private final BooleanProperty resumable = new SimpleBooleanProperty();

    /**
     * @param open shows a run again
     * @param resume goes on with the one that is shown
     * @param branchHere begins a branch at the particle that is chosen
     */
    RunBar(BooleanProperty running, Consumer<Path> open, Consumer<Path> resume, Runnable branchHere) {
        super(6);
        getStyleClass().add("run-bar");
        setAlignment(Pos.CENTER_LEFT);
        setVisible(false);
        managedProperty().bind(visibleProperty());
        name.setId("run-name");
        var space = new Region();
        setHgrow(space, Priority.ALWAYS);
        steered.setId("steered");
        steered.setTooltip(new Tooltip(Messages.of("run.hand.tip")));
        steered.getStyleClass().add("steered");
        steered.managedProperty().bind(steered.visibleProperty());
        orders.setId("orders");
        orders.getStyleClass().add("orders");
        orders.visibleProperty().bind(orders.textProperty().isNotEmpty());
        orders.managedProperty().bind(orders.visibleProperty());
        getChildren().addAll(back, forward, name, steered, orders, space, goOn, branch);
        goOn.getStyleClass().add(Styles.ACCENT);
        goOn.visibleProperty().bind(resumable);
        goOn.managedProperty().bind(resumable);
        goOn.disableProperty().bind(running);
        goOn.setOnAction(e -> resume.accept(visited.get(at)));
        branch.setOnAction(e -> branchHere.run());
        back.setOnAction(e -> open.accept(visited.get(at - 1)));
        forward.setOnAction(e -> open.accept(visited.get(at + 1)));
    }

    private static Button button(String key, Feather icon) {
        var button = new Button(Messages.of("run." + key), new FontIcon(icon));
        button.setId(key);
        button.setTooltip(new Tooltip(Messages.of("run." + key + ".tip")));
        button.getStyleClass().addAll(Styles.SMALL, Styles.FLAT);
        return button;
    }

    /**
     * A run is shown now.
     *
     * @param unended whether it can be gone on with
     */
    void shows(Path folder, boolean unended) {
        steered(false);
        int known = visited.indexOf(folder);
        if (known >= 0) {
            at = known;
        } else {
            // A new branch of an earlier run takes the place of those that were gone back from.
            visited.subList(at + 1, visited.size()).clear();
            visited.add(folder);
            at = visited.size() - 1;
        }
        name.setText(String.valueOf(folder.getFileName()));
        resumable.set(unended);
        setVisible(true);
        ways();
    }

    /** Marks the run that is shown as one in which somebody had a hand. */
    void steered(boolean byHand) {
        steered.setVisible(byHand);
    }

    /** Says which decisions are carried out when the run that is shown goes on. */
    void ordered(List<Order> waiting) {
        orders.setText(waiting.isEmpty() ? "" : Messages.of("run.orders", waiting.size()));
        orders.setTooltip(new Tooltip(Messages.of(
                "run.orders.tip",
                waiting.stream().map(order -> order.decision().text()).collect(Collectors.joining("\n")))));
    }

    /** Goes back to the run that was shown before, if there is one. */
    void goBack() {
        back.fire();
    }

    /** Goes to the run that was shown after this one, if there is one. */
    void goForward() {
        forward.fire();
    }

    /** The run that is shown; null for none. */
    @Nullable
    Path folder() {
        return at < 0 ? null : visited.get(at);
    }

    private void ways() {
        back.setDisable(at < 1);
        forward.setDisable(at >= visited.size() - 1);
    }
}
