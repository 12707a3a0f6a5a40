// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import java.util.List;
import javafx.scene.paint.Color;

/**
 * The colours of what is drawn by hand. Text on ground has a contrast of at least 4.5 in both themes.
 *
 * @param ground behind everything
 * @param card behind a picture that is not there
 * @param text of labels
 * @param muted of axes, and of what died
 * @param grid of lines that help the eye
 * @param accent of the cursor and of what is chosen
 * @param alarm of resampling marks and warnings
 * @param lines of surviving families, in order
 */
record Palette(
        Color ground, Color card, Color text, Color muted, Color grid, Color accent, Color alarm, List<Color> lines) {
    static final Palette LIGHT = new Palette(
            Color.web("#ffffff"),
            Color.web("#eef0f2"),
            Color.web("#1f2328"),
            Color.web("#656d76"),
            Color.web("#e4e7ea"),
            Color.web("#0969da"),
            Color.web("#cf222e"),
            colours("#0f766e", "#b45309", "#6d28d9", "#be185d", "#1d4ed8", "#4d7c0f", "#b91c1c", "#0e7490"));

    static final Palette DARK = new Palette(
            Color.web("#0d1117"),
            Color.web("#1c222b"),
            Color.web("#e6edf3"),
            Color.web("#8d96a0"),
            Color.web("#262c36"),
            Color.web("#4493f8"),
            Color.web("#f85149"),
            colours("#2dd4bf", "#f59e0b", "#a78bfa", "#f472b6", "#60a5fa", "#a3e635", "#f87171", "#22d3ee"));

    private static List<Color> colours(String... webs) {
        return java.util.Arrays.stream(webs).map(Color::web).toList();
    }

    /** The colour of a surviving family; families beyond the number of colours begin again. */
    Color line(int family) {
        return family < 0 ? muted : lines.get(family % lines.size());
    }
}
