// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Says of which run's step what is composed is a branch, if it is one, and takes it back. */
final class BranchBox extends HBox {
    private final Label of = new Label();
    private final Map<String, String> settings = new LinkedHashMap<>();

    /** @param cancelled when somebody took the branch back */
    BranchBox(Runnable cancelled) {
        super(6);
        getStyleClass().add("branch-box");
        of.setId("branch-of");
        of.setWrapText(true);
        of.setMaxWidth(Double.MAX_VALUE);
        HBox.setHgrow(of, Priority.ALWAYS);
        var cancel = new Button("", new FontIcon(Feather.X));
        cancel.setId("unbranch");
        cancel.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
        cancel.setAccessibleText(Messages.of("branch.cancel"));
        cancel.setTooltip(new Tooltip(Messages.of("branch.cancel")));
        cancel.setOnAction(e -> {
            clear();
            cancelled.run();
        });
        getChildren().addAll(of, cancel);
        visibleProperty().bind(of.textProperty().isNotEmpty());
        managedProperty().bind(visibleProperty());
    }

    /**
     * @param folder of the run that is branched from
     * @param step the first that is made anew, counting from 0
     * @param slot of the particle that it goes on from; -1 for all
     */
    void branch(Path folder, int step, int slot) {
        settings.clear();
        settings.put("branch-from", folder.toString());
        settings.put("branch-step", Integer.toString(step + 1));
        if (slot >= 0) {
            settings.put("branch-particle", Integer.toString(slot + 1));
        }
        of.setText(
                slot < 0
                        ? Messages.of("branch.all", folder.getFileName(), step + 1)
                        : Messages.of("branch.of", folder.getFileName(), step + 1, slot + 1));
    }

    void clear() {
        settings.clear();
        of.setText("");
    }

    boolean isBranch() {
        return !settings.isEmpty();
    }

    /** By the names of the command line; none if this is no branch. */
    Map<String, String> settings() {
        return settings;
    }
}
