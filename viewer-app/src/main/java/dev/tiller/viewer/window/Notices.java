// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Messages;
import javafx.css.PseudoClass;
import javafx.scene.control.Label;

/** What the window says: how things stand in a line at its foot, and what must not be missed in a banner at its top. */
final class Notices {
    /** A banner that says something and warns of nothing. */
    private static final PseudoClass CALM = PseudoClass.getPseudoClass("calm");

    private final Label line = new Label(Messages.of("status.ready"));
    private final Label banner = new Label();

    Notices() {
        line.setId("status");
        banner.setId("banner");
        banner.getStyleClass().add("banner");
        banner.setWrapText(true);
        banner.setMaxWidth(Double.MAX_VALUE);
        banner.setVisible(false);
        banner.managedProperty().bind(banner.visibleProperty());
    }

    Label line() {
        return line;
    }

    Label banner() {
        return banner;
    }

    /** Says how things stand, and leaves the banner as it is. */
    void note(String sentence) {
        line.setText(sentence);
    }

    /** Warns in the banner, or says how things stand, with which a banner has had its time. */
    void say(String sentence, boolean alarm) {
        if (!alarm) {
            note(sentence);
        }
        banner.pseudoClassStateChanged(CALM, false);
        banner.setText(sentence);
        banner.setVisible(alarm);
    }

    /** Says something in the banner that is no warning. */
    void advise(String sentence) {
        say(sentence, true);
        banner.pseudoClassStateChanged(CALM, true);
    }
}
